"""Keeps the logs of the parts small: a log that grew too long is copied aside and emptied in place.

The programs keep writing into the same open file (opened for appending), so none of them has to be told.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

LIMIT_BYTES = 10_000_000


def rotate(folder: Path, limit_bytes: int = LIMIT_BYTES) -> list[str]:
    """Names of the logs that were rotated. One older log of each is kept; on a full disk the old one is given up."""
    rotated = []
    for log in folder.glob("*.log"):
        with suppress(OSError):
            if log.stat().st_size > limit_bytes:
                with suppress(OSError):
                    shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)
                rotated.append(log.name)
    return rotated
