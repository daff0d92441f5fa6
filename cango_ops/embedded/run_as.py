"""Which operating-system user runs PostgreSQL, which refuses to run as root, and what it needs to reach its files."""

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cango_ops.embedded.failure import CannotStart

# Reading and traversing is enough; containers often have only the wider one. Source: capabilities(7).
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CANDIDATES = ("postgres", "nobody")


class RunAs(NamedTuple):
    """A user and group by number. capability: what lets it pass folders that are closed to it, such as /root."""

    user: int
    group: int
    capability: int | None


def unprivileged(data: Path, programs: Path) -> RunAs | None:
    """Who runs a server that keeps its files in `data`; None where this process is no root and runs it itself."""
    if os.geteuid() != 0:
        return None
    account = owner(data) or first_candidate()
    closed = not all(is_open(path, account.pw_uid) for path in ways_to(data, programs))
    return RunAs(account.pw_uid, account.pw_gid, reaching() if closed else None)


def owner(data: Path) -> pwd.struct_passwd | None:
    """The unprivileged user whose data it is already, so that a later change of candidates changes nothing."""
    try:
        account = pwd.getpwuid(data.stat().st_uid)
    except (OSError, KeyError):
        return None
    return account if account.pw_uid != 0 else None


def first_candidate() -> pwd.struct_passwd:
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL does not run as root and this machine has no user named postgres or nobody: "
        "start as an ordinary user, or set CANGO_DATABASE_URL."
    )


def ways_to(*paths: Path) -> Iterable[Path]:
    """Every folder that has to be passed to reach the paths, and the paths themselves where they exist."""
    return {folder for path in paths for folder in (path, *path.parents) if folder.exists()}


def is_open(path: Path, user: int) -> bool:
    about = path.stat()
    return about.st_uid == user or bool(about.st_mode & stat.S_IXOTH)


def reaching() -> int:
    """The narrowest capability this process has that passes closed folders."""
    held = held_capabilities()
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        if held >> capability & 1:
            return capability
    raise CannotStart(
        "PostgreSQL does not run as root, and no other user may reach this folder: "
        "move the checkout (for example to /srv), start as an ordinary user, or set CANGO_DATABASE_URL."
    )


def held_capabilities() -> int:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapPrm:")), 0)
