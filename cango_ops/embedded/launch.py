"""Becomes another program: gives up root if asked to, and ties its life to its parent's. Standard library only.

Run by path, so that it starts in a few milliseconds:
launch.py PARENT SIGNAL USER GROUP CAPABILITY -- PROGRAM ARGUMENTS...
USER and GROUP are numbers or `-`; CAPABILITY is the one Linux capability that the program keeps, or `-`.
Source: prctl(2), capabilities(7). Where prctl is missing (not Linux) the program simply runs on.
"""

import ctypes
import os
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def command(program: Sequence[str], end_signal: int, user: tuple[int, int, int | None] | None = None) -> list[str]:
    """The command line that runs `program` through this file, as a child of the calling process."""
    words = (os.getpid(), int(end_signal), *(user or (None, None, None)))
    return [
        sys.executable,
        "-I",
        "-S",
        __file__,
        *("-" if word is None else str(word) for word in words),
        "--",
        *program,
    ]


def die_with_parent(parent: int, signal_number: int) -> None:
    """Lets the kernel send the signal when the parent ends, however it ends."""
    if not sys.platform.startswith("linux"):
        return
    libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(f"{sys.argv[0]}: the parent {parent} is gone")


def become(user: int, group: int, capability: int | None) -> None:
    if capability is not None:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if capability is not None:
        keep_only(capability)


def keep_only(capability: int) -> None:
    """Drops every capability but this one, which survives the coming exec."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if libc.capset(header, sets) or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def number(word: str) -> int | None:
    return None if word == "-" else int(word)


def main(words: list[str]) -> None:
    parent, signal_number, user, group, capability = (number(word) for word in words[:5])
    program = words[6:]
    if user is not None and group is not None:
        become(user, group, capability)
    # After the change of user, which clears it.
    die_with_parent(parent or 0, signal_number or 0)
    try:
        os.execv(program[0], program)  # noqa: S606
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
