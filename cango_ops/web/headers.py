"""Headers that no package of ours sets: what a page may use of the machine, that no cache keeps it, what it took."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()"


class Headers:
    """Middleware. An answer that sets its own Cache-Control (static files, the API's ETags) keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        # Whoever is not signed in learns nothing from it, least of all how long a password took.
        # Only where the view has asked for the person: to ask here would take the database, and it may be away.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            response.headers["Server-Timing"] = f"app;dur={1000 * (time.perf_counter() - started):.1f}"
        return response
