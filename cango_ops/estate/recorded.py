"""Answers out of recordings: over cgminer's TCP, over HTTP, over the length-prefixed frames of Whatsminer v3."""

import re
import struct
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from cango_ops.estate.dialects.cgminer import Request, invalid, joined
from cango_ops.estate.recordings import RecordedMachine, stem_for

JOINING: Final = ("braiins", "luxos", "avalon")
SET_ASIDE: Final = ("/cgi-bin/", "/api/v1/", "/api/", "/kaonsu/v1/", "/stats/json/btc", "/accounts/", "/json/btc", "/")


@lru_cache(maxsize=1024)
def content(path: Path) -> bytes:
    return path.read_bytes()


def recorded_answer(machine: RecordedMachine, request: Request, t: float = 0.0) -> bytes:
    """The recorded bytes of this command as they are; one that was not recorded is an invalid command."""
    command = request.command
    if request.parameter and (stem := stem_for(machine.files, f"{command}_{request.parameter}")):
        return content(machine.files[stem])
    if stem := stem_for(machine.files, command):
        return content(machine.files[stem])
    if "+" in command and machine.language in JOINING:
        return _joined(machine, command.split("+")) + b"\0"
    return invalid(request, "recorded", t).encode() + b"\0"


def _joined(machine: RecordedMachine, commands: list[str]) -> bytes:
    parts = []
    for command in commands:
        if stem := stem_for(machine.files, command):
            parts.append((command, content(machine.files[stem]).rstrip(b"\0\r\n ").decode("latin-1")))
    return joined(parts).encode("latin-1")


def recorded_page(machine: RecordedMachine, path: str, body: bytes) -> bytes | None:
    """What an HTTP request for `path` gets, or None when no recording fits."""
    if path.endswith("/graphql"):
        stem = _best_query(machine, body.decode("latin-1"))
    else:
        stem = _stem_of_path(machine.files, path)
    return content(machine.files[stem]) if stem else None


def recorded_over_http(machine: RecordedMachine, data: bytes) -> bytes:
    """A whole HTTP response, for the machines that speak HTTP on cgminer's port (ePIC)."""
    path = data.split(b" ", 2)[1].decode("latin-1")
    page = recorded_page(machine, path, b"")
    line = b"HTTP/1.1 200 OK" if page is not None else b"HTTP/1.1 404 Not Found"
    body = page or b""
    return b"%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (line, len(body), body)


def _stem_of_path(files: dict[str, Path], path: str) -> str | None:
    """/cgi-bin/get_miner_conf.cgi is get_miner_conf, /api/v1/miner/hw/hashboards is miner_hw_hashboards; the longest
    beginning that is recorded counts, so that /mining/hashrate/1m is mining_hashrate."""
    name = path.partition("?")[0].removesuffix(".cgi").removesuffix("/")
    for start in SET_ASIDE:
        if name.startswith(start):
            name = name[len(start) :]
            break
    for command in (name, name.replace("/", "_")):
        for spelt in (command, command.replace("-", "_")):
            if stem := stem_for(files, spelt):
                return stem
    known = [stem for stem in files if re.match(re.escape(stem) + r"[_/]", name.replace("/", "_"))]
    return max(known, key=len, default="root" if not name and "root" in files else None)


def _best_query(machine: RecordedMachine, query: str) -> str | None:
    """The GraphQL answer that has most of the query's fields."""
    fields = set(re.findall(r"\w+", query))
    found = {stem: set(re.findall(rb'"(\w+)":', content(path))) for stem, path in machine.files.items()}
    scores = {
        stem: sum(name.decode() in fields for name in names) / (1 + len(names))
        for stem, names in found.items()
        if stem.startswith("gql_")
    }
    best = max(scores, key=lambda stem: scores[stem], default=None)
    return best if best and scores[best] > 0 else None


def recorded_frame(machine: RecordedMachine, frame: bytes) -> bytes:
    """Whatsminer v3: `get.miner.status` with parameter `summary` is get_miner_status_summary."""
    try:
        request = msgspec.json.decode(frame)
    except msgspec.DecodeError:
        request = {}
    command = str(request.get("cmd", "")).replace(".", "_")
    parameter = request.get("param")
    names = [f"{command}_{parameter}", command] if isinstance(parameter, str) else [command]
    for name in names:
        if stem := stem_for(machine.files, name):
            answer = content(machine.files[stem])
            break
    else:
        answer = b'{"code":-1,"msg":"invalid command","desc":""}'
    return struct.pack("<I", len(answer)) + answer
