"""Tells one process from another that got the same number later: its pid together with its start time."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
STATE, GROUP, STARTED = 0, 2, 19


class Identity(NamedTuple):
    """started: clock ticks since boot on Linux, else what `ps` prints."""

    pid: int
    started: str


def identify(pid: int) -> Identity | None:
    """The living process of that number; None if there is none, or only a zombie."""
    started = start_of(pid)
    return Identity(pid, started) if started else None


def start_of(pid: int) -> str | None:
    if PROC.joinpath("self/stat").exists():
        fields = stat_fields(pid)
        return None if fields is None or fields[STATE] == "Z" else fields[STARTED]
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the program's name, which may itself hold spaces and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return None


def lives(who: Identity) -> bool:
    return identify(who.pid) == who


def group_members(group: int) -> Iterator[int]:
    """The living processes of a process group (Linux; elsewhere none is found)."""
    for entry in PROC.glob("[0-9]*"):
        fields = stat_fields(int(entry.name))
        if fields and fields[STATE] != "Z" and int(fields[GROUP]) == group:
            yield int(entry.name)


def has_environment(pid: int, name: str, value: str) -> bool:
    """Whether the process was started with that environment variable."""
    try:
        return os.fsencode(f"{name}={value}") in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
