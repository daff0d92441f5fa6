"""The browser's files, collected into the run folder: again only when a package or a file of ours has changed."""

import hashlib
from pathlib import Path

from cango_ops.embedded.console import CHECKOUT
from cango_ops.embedded.failure import in_plain_words
from cango_ops.embedded.folder import RunFolder, replace

NAME = "collectstatic"
SOURCES = ("cango_ops/static", "requirements.lock")


def state(checkout: Path = CHECKOUT) -> str:
    """Changes with the name, size or time of any of our files, and with the pinned packages."""
    found = hashlib.sha256()
    for source in SOURCES:
        path = checkout / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            about = file.stat()
            found.update(f"{file.relative_to(checkout)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return found.hexdigest()


def are_collected(folder: RunFolder) -> bool:
    try:
        return stamp(folder).read_text() == state()
    except OSError:
        return False


def note_collected(folder: RunFolder) -> None:
    with in_plain_words(folder.root):
        replace(stamp(folder), state())


def stamp(folder: RunFolder) -> Path:
    return folder.root / "static" / ".collected"
