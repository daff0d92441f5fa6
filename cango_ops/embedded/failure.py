"""The one way in which a start fails: a sentence for a person, and what the disk says put into such a sentence."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "it may not be written",
    errno.EPERM: "it may not be written",
    errno.EROFS: "its file system is read-only",
    errno.ENOTDIR: "part of the path is not a folder",
    errno.EEXIST: "something that is not a folder has that name",
}


class CannotStart(Exception):
    """Why a part cannot start, in one sentence that says what to do."""


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses under `path` into one sentence."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0) or error.strerror or str(error)
        raise CannotStart(f"{error.filename or path} cannot be used: {reason}.") from error
