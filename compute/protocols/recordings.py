"""Recorded answers as people bring them: a folder with one file per command, or one file with several answers.

Names of files are brought to the names of questions (`cgi-bin/stats.cgi.txt`, `rpc/stats.json`, `get.device.info`);
what a tool put around an answer (an HTTP head, a length, UTF-16 of a shell, a callback) is taken off; a file of several
answers (joined reports, a console's log) is parted. Pure but for reading the files.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cango_ops.http_frame import HEAD_LIMIT_BYTES
from cango_ops.wire import DEFAULT_LIMIT_BYTES, Garbled
from compute.protocols.mending import MENDABLE_BYTES, read_json

MAX_FILES = 256
MAX_ANSWERS = 512
MAX_BYTES = 16 << 20
MAX_PARTS = 64
MAX_DEPTH = 3
NO_ANSWERS = frozenset(("manifest", "readme", "license", "expected", "sources", "index"))
NO_TEXT = frozenset((".md", ".png", ".jpg", ".jpeg", ".pdf", ".zip", ".gz", ".tar", ".py", ".pyc", ".pcap"))
# Endings that tell how a file was saved, not which question it answers.
ENDINGS = frozenset((".json", ".txt", ".xml", ".prom", ".log", ".out", ".cgi", ".html", ".htm", ".php", ".raw", ".bin"))
PATHS = ("cgi-bin_", "api_v1_", "kaonsu_v1_")
PREFIXED = ("rpc_", "web_", "gql_", "get_")

_CALLBACK = re.compile(rb"\s*[A-Za-z_$][\w$.]{0,60}\(\s*(?=[{\[])")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_TEXT = r'"(?:[^"\\]++|\\.)*+("?)'
_BRACKET_OR_STRING = re.compile(r"[\[\]{}]|" + _TEXT, re.DOTALL)
_PLAIN_REPLY = re.compile(r"STATUS=[SIWEF],")
_OBJECT = re.compile(r'[{\[]\s*[{"]')
_PLAIN_SECTION = re.compile(r"\|\s*([A-Z]{3,12})\b")
PLAIN_SECTIONS = {"POOL": "pools", "ASC": "devs", "PGA": "devs", "GPU": "devs", "FAN": "fans", "TEMP": "temps"}
# Which question an answer without a section of its own answers, told by what stands in its message.
MESSAGES = {
    "fw_ver": "get_version",
    "mineroff": "status",
    "btmineroff": "status",
    "error_code": "get_error_code",
    "miner_sn": "get_miner_info",
    "netmask": "get_miner_info",
    "hw_version": "get_psu",
    "summary": "get_miner_status_summary",
    "edevs": "get_miner_status_edevs",
    "pools": "get_miner_status_pools",
    "network": "get_device_info",
}
# These say what they are even where somebody cut the status off.
OWN_SECTIONS = ("SUMMARY", "POOLS", "STATS", "DEVS", "DEVDETAILS", "VERSION")
# What MicroBT's API 3 tells of a miner's status, each alone or several in one answer.
STATUS_SECTIONS = ("summary", "edevs", "pools")
NO_SECTIONS = frozenset(("STATUS", "INFO", "ID"))


def recorded(path: Path) -> dict[str, bytes]:
    """Command name to answer, of a folder's files or of one file.

    Raises OSError for a path that is not there, Garbled where there is nothing to read.
    """
    if path.exists() and not (path.is_dir() or path.is_file() or path.is_relative_to("/dev")):
        raise Garbled("neither a file nor a folder")  # a pipe that nobody writes to would be waited for
    files = list(_files(path))[:MAX_FILES] if path.is_dir() else [path]
    base = path if path.is_dir() else path.parent
    whole: dict[str, bytes] = {}
    for file in files:
        if sum(map(len, whole.values())) < MAX_BYTES:
            whole[name_of(file.relative_to(base))] = unwrapped(_read(file))
    if not whole:
        raise Garbled(f"no recorded answers in {path.name}")
    answers: dict[str, bytes] = {}
    for name, raw in whole.items():
        parts = parts_of(raw)
        answers |= {part: found for part, found in parts.items() if part not in whole or part == name}
        if name not in parts:
            answers[name] = raw
    return dict(list(answers.items())[:MAX_ANSWERS])


def _files(folder: Path, depth: int = 1) -> Iterator[Path]:
    for file in sorted(folder.iterdir()):
        if file.name.startswith("."):
            continue
        if file.is_dir() and depth < MAX_DEPTH:
            yield from _files(file, depth + 1)
        elif file.is_file() and file.suffix.lower() not in NO_TEXT and file.stem.lower() not in NO_ANSWERS:
            yield file


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(DEFAULT_LIMIT_BYTES + 1)


def name_of(file: Path) -> str:
    """The question that a file's place and name speak of: cgi-bin/stats.cgi.txt is "stats"."""
    name = "_".join(file.parts).lower()
    while (suffix := Path(name).suffix) in ENDINGS:
        name = name[: -len(suffix)]
    for path in PATHS:
        name = name.replace(path, "", 1)
    return name if "__" in name else re.sub(r"[\s.]+", "_", name.strip("_ "))


def unwrapped(raw: bytes) -> bytes:
    """The answer without what carried it: UTF-16, an HTTP head, a length in front, a callback around it."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    head = _HEAD_END.search(raw, 0, HEAD_LIMIT_BYTES) if raw[:5] == b"HTTP/" else None
    raw = raw[head.end() :] if head else raw
    if raw[4:5] == b"{" and int.from_bytes(raw[:4], "little") == len(raw) - 4:
        raw = raw[4:]
    call, close = _CALLBACK.match(raw), raw.rfind(b")")
    return raw[call.end() : close] if call and close > call.end() else raw


def parts_of(raw: bytes) -> dict[str, bytes]:
    """The answers in one file of several, by the questions that they answer; none where it is one answer."""
    if len(raw) > MENDABLE_BYTES:
        return {}
    text = raw.decode("utf-8", "replace").strip("\x00 \r\n\ufeff")
    if "STATUS=" in text and '"STATUS' not in text:
        return _plain_parts(text)
    if _OBJECT.search(text) is None or text[:1] == ",":
        return {}
    found = _documents(text)
    if len(found) == 1 and found[0] == text:
        return _joined_parts(text)
    return _told_apart(found)


def _documents(text: str) -> list[str]:
    """The objects and lists that stand one after the other, whatever stands between; the last may be cut off."""
    found: list[str] = []
    depth, start = 0, 0
    for mark in _BRACKET_OR_STRING.finditer(text):
        if mark.group()[0] in "[{":
            start = mark.start() if depth == 0 else start
            depth += 1
        elif mark.group()[0] in "]}" and depth:
            depth -= 1
            if depth == 0:
                found.append(text[start : mark.end()])
        if len(found) >= MAX_PARTS:
            return found
    return [*found, text[start:]] if depth else found


def _joined_parts(text: str) -> dict[str, bytes]:
    """The reports of a joined answer, of a tool that put all answers into one object by their names, or of a web page
    that puts several sections into one (Innosilicon, DragonMint: /api/summary)."""
    whole = _object(text)
    message: dict[str, Any] = whole["msg"] if isinstance(whole.get("msg"), dict) else {}
    told = {name: whole | {"msg": {name: message[name]}} for name in STATUS_SECTIONS if name in message}
    if told:
        return {f"get_miner_status_{name}": msgspec.json.encode(answer) for name, answer in told.items()}
    listed = [name for name in OWN_SECTIONS if isinstance(whole.get(name), list)]
    if len(listed) > 1:
        return {name.lower(): msgspec.json.encode({name: whole[name]}) for name in listed}
    parts: dict[str, bytes] = {}
    for key, value in list(whole.items())[:MAX_PARTS]:
        part = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(part, dict) and (_section(part) or _is_message(key, part) or key.lower().startswith(PREFIXED)):
            parts[key.lower()] = msgspec.json.encode(part)
    return parts


def _is_message(key: str, part: Mapping[str, Any]) -> bool:
    """An answer of MicroBT's newer kind, whatever its message holds; no part of a single answer."""
    return key.upper() not in NO_SECTIONS and (part.keys() >= {"STATUS", "Msg"} or part.keys() >= {"code", "msg"})


def _told_apart(found: list[str]) -> dict[str, bytes]:
    """The answers of a log: named by the question before them, else by what they say."""
    parts: dict[str, bytes] = {}
    asked: str | None = None
    for text in found:
        value = _object(text)
        command = value.get("command", value.get("cmd"))
        if isinstance(command, str) and "STATUS" not in value:
            param = value.get("param")
            asked = command.replace(".", "_") + (f"_{param}" if isinstance(param, str) else "")
            continue
        joined = _joined_parts(text)
        name = asked or _section(value)
        for part, answer in (joined or ({name: text.encode()} if name else {})).items():
            parts.setdefault(part, answer)
        asked = None
    return parts


def _object(text: str) -> dict[str, Any]:
    """The object, mended where it must be; an empty one for anything else."""
    try:
        value, _ = read_json(text.encode("utf-8", "replace"))
    except Garbled:
        return {}
    return value if isinstance(value, dict) else {}


def _section(reply: Mapping[str, Any]) -> str | None:
    """The question that a reply answers: its section's name, or what its message tells."""
    if not reply.keys() & {"STATUS", "code"}:
        return next((name.lower() for name in OWN_SECTIONS if isinstance(reply.get(name), list)), None)
    section = next((key for key in reply if key.isupper() and key.isalpha() and key not in NO_SECTIONS), None)
    if section is not None:
        return section.lower()
    message = reply.get("Msg", reply.get("msg"))
    words = message if isinstance(message, dict) else {}
    return next((name for word, name in MESSAGES.items() if word in words), None)


def _plain_parts(text: str) -> dict[str, bytes]:
    """The replies of the text dialect, each from one STATUS= to the next."""
    starts = [found.start() for found in _PLAIN_REPLY.finditer(text)][:MAX_PARTS]
    parts: dict[str, bytes] = {}
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        reply = text[start:end].strip("\x00 \r\n")
        section = _PLAIN_SECTION.search(reply)
        if section:
            parts.setdefault(PLAIN_SECTIONS.get(section[1], section[1].lower()), reply.encode())
    return parts
