"""Line drawings of the frame, each in a box of 20. Pure data."""

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

PATHS: Final = {
    "overview": '<path d="M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z"/>',
    "sites": '<path d="M10 18s6-5.2 6-10a6 6 0 0 0-12 0c0 4.8 6 10 6 10z"/><circle cx="10" cy="8" r="2"/>',
    "compute": '<path d="M5 5h10v10H5zM8 8h4v4H8zM8 2v3M12 2v3M8 15v3M12 15v3M2 8h3M2 12h3M15 8h3M15 12h3"/>',
    "commands": '<path d="M10 2v8M6 4.5a7 7 0 1 0 8 0"/>',
    "treasury": '<path d="M3 8 10 3l7 5zM4 17h12M6 8v9M10 8v9M14 8v9"/>',
    "months": '<path d="M3 5h14v12H3zM3 9h14M7 3v4M13 3v4"/>',
    "switching": '<path d="M3 6h11M11 3l3 3-3 3M17 14H6M9 11l-3 3 3 3"/>',
    "alerts": '<path d="M4.5 14.5c1-1.2 1.3-2.6 1.3-5a4.2 4.2 0 0 1 8.4 0c0 2.4.3 3.8 1.3 5z"/>'
    '<path d="M8.3 17a1.8 1.8 0 0 0 3.4 0"/>',
    "system": '<path d="M2 10h4l2-6 4 12 2-6h4"/>',
    "more": '<circle cx="4" cy="10" r="1"/><circle cx="10" cy="10" r="1"/><circle cx="16" cy="10" r="1"/>',
    "search": '<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4.5 4.5"/>',
    "me": '<circle cx="10" cy="7" r="3.5"/><path d="M3.5 17.5c.7-3.6 3.2-5.5 6.5-5.5s5.8 1.9 6.5 5.5"/>',
    "people": '<circle cx="7.5" cy="7" r="3"/><path d="M2 16.5c.5-3.3 2.6-5 5.5-5s5 1.7 5.5 5M13 4.3a3 3 0 0 1 0 5.4"/>'
    '<path d="M15 11.9c1.7.7 2.7 2.2 3 4.6"/>',
    "api": '<path d="m7 5-5 5 5 5M13 5l5 5-5 5"/>',
    "day": '<circle cx="10" cy="10" r="4"/><path d="M10 1v3M10 16v3M1 10h3M16 10h3M3.6 3.6l2 2M14.4 14.4l2 2'
    'M3.6 16.4l2-2M14.4 5.6l2-2"/>',
    "night": '<path d="M16 12.5A7 7 0 0 1 7.5 4 7 7 0 1 0 16 12.5z"/>',
    "left": '<path d="m12 4-6 6 6 6"/>',
    "right": '<path d="m8 4 6 6-6 6"/>',
    "wider": '<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4.5 4.5M6.5 9h5"/>',
    "pause": '<path d="M7 4v12M13 4v12"/>',
    "window": '<path d="M3 17l7-7M12.5 3.2a4 4 0 0 0-3.6 5.6l2.3 2.3a4 4 0 0 0 5.6-3.6l-2.6 1.4-2.1-.9-.9-2.1z"/>',
    "hold": '<path d="M6.5 2.5h7l4 4v7l-4 4h-7l-4-4v-7zM7.5 10h5"/>',
    "price": '<path d="M13.5 6c-.6-1.2-1.8-1.8-3.5-1.8-2 0-3.4 1-3.4 2.7 0 4 7 2 7 6 0 1.8-1.5 2.9-3.6 2.9'
    '-1.9 0-3.2-.8-3.8-2.2M10 2v16"/>',
    "note": '<path d="M4 3h12v10l-4 4H4zM12 17v-4h4M7 7h6M7 10h4"/>',
    "machine": '<path d="M3 5h14v10H3zM6 10h4M8 8l2 2-2 2M14 8v4"/>',
    "call": '<path d="M11 2 4 11h5l-1 7 7-9h-5z"/>',
    "play": '<path d="M6 4l10 6-10 6z"/>',
}

ICONS: Final[dict[str, SafeString]] = {
    name: format_html(
        '<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{}</svg>', SafeString(path)
    )
    for name, path in PATHS.items()
}
