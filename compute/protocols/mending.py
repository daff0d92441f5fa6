"""JSON as machines write it: strict first, mended only where strict reading failed. Pure.

Defects and their order are those seen in the field (docs/protocols.md): trailing NUL, raw line breaks, `}{`, `[,{`,
`,}`, `""temp0"`, a lost comma at a line's end, a manual's `// words`, bare inf, nan, dashes and padded numbers, a
leading comma, an error list written like an object, and an answer cut off at the firmware's buffer. Mends touch only
what stands between strings, never the text inside them.
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

import msgspec

from cango_ops.wire import DEFAULT_LIMIT_BYTES, Garbled

MAX_DEPTH = 40
# Longer answers are read strictly or not at all: mending is slow work.
MENDABLE_BYTES = 1 << 18
_FAILURES = (ValueError, RecursionError)

# Possessive, and content with a string that never ends: a hostile answer costs no more than its length.
_TEXT = r'"(?:[^"\\]++|\\.)*+("?)'
_STRING = re.compile(_TEXT, re.DOTALL)
_BRACKET_OR_STRING = re.compile(r"[\[\]{}]|" + _TEXT, re.DOTALL)
_ERROR_LIST = '"error_code":['
_PAIRS = re.compile(r'((?:"[^"\\]{0,99}":"[^"\\]{0,199}",?){1,999}+)\]')
# A backslash before what JSON lets none stand before, as in the firmware's name of btminer in 2020.
_ESCAPE = re.compile(r'(\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))|\\')
# A line that ends in a string, and the next begins with a name.
_NO_COMMA = re.compile(r'(")[ \t]*\r?\n(?=\s*"[\w .-]{1,60}"\s*:)')
_LOST_COMMA = re.compile(r'""(?=[A-Za-z][\w ]{0,40}":)')
# Words behind // to the end of the line, as manuals write them into their examples.
_COMMENT = re.compile(r"//[^\n]*")
_NOT_FINITE = re.compile(r"-?\b(?:inf(?:inity)?|nan)\b", re.IGNORECASE)

# 007 and +5, .5, and a dash or N/A where a value should stand.
_ZEROS = re.compile(r"(?<=[:,\[ \-])(?:\+|0+(?=\d))")
_NO_ZERO = re.compile(r"([:,\[ \-])\.(?=\d)")
_NOTHING = re.compile(r"(?<=[:,\[])\s*(?:-{1,3}|[Nn]/[Aa])\s*(?=[,}\]])")
BOM = b"\xef\xbb\xbf"
CUT = "cut short: the end of the answer is missing"

_decode = msgspec.json.Decoder().decode


def read_json(raw: bytes) -> tuple[Any, list[str]]:
    """The value that `raw` holds, and a note for each liberty that was taken. Raises Garbled."""
    if len(raw) > DEFAULT_LIMIT_BYTES:
        raise Garbled(f"{len(raw)} bytes of JSON")
    if raw[-1:] == b"\x00":
        raw = raw.rstrip(b"\x00 \r\n")
    try:
        return _decode(raw), []
    except _FAILURES:
        return _read_tolerantly(raw)


def _read_tolerantly(raw: bytes) -> tuple[Any, list[str]]:
    if len(raw) > MENDABLE_BYTES:
        raise Garbled("not valid JSON, and too long to mend")
    text = _decoded(raw.replace(b"\x00", b" ").removeprefix(BOM)).strip()
    if not text.startswith(("{", "[", ",")):
        raise Garbled("no JSON")
    if _is_too_deep(text):
        raise Garbled("JSON nested too deeply")
    for attempt, note in ATTEMPTS:
        text = attempt(text)
        value = _loads(text)
        if value is not None:
            return value, [note]
    raise Garbled("JSON beyond repair")


def _decoded(raw: bytes) -> str:
    """UTF-8, else Latin-1, in which every byte is a letter: names of workers come in either."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _loads(text: str) -> Any:
    try:
        return json.loads(text, strict=False, parse_float=_finite, parse_int=_bounded, parse_constant=_nothing)
    except _FAILURES:
        return None


def _finite(digits: str) -> float | None:
    read = float(digits)
    return read if isfinite(read) else None


def _bounded(digits: str) -> int | None:
    return int(digits) if len(digits) <= 20 else None


def _nothing(_: str) -> None:
    return None


def _is_too_deep(text: str) -> bool:
    """Whether brackets outside strings nest deeper than any machine's do."""
    level = 0
    for found in _BRACKET_OR_STRING.finditer(text):
        mark = found.group()
        if mark in "[{":
            level += 1
            if level > MAX_DEPTH:
                return True
        elif mark in "]}":
            level -= 1
    return False


def _unchanged(text: str) -> str:
    return text


def _mend(text: str) -> str:
    """All mends but the last, string by string."""
    if text.startswith(","):
        text = "{" + text[1:]
    text = _mend_error_list(text)
    text = _LOST_COMMA.sub('","', text)
    parts: list[str] = []
    mended: dict[str, str] = {}  # the same few gaps come again and again
    last = 0
    for found in _STRING.finditer(text):
        gap = text[last : found.start()]
        if gap not in mended:
            mended[gap] = _mend_between(gap)
        parts += (mended[gap], _mend_escapes(found.group()))
        last = found.end()
    parts.append(_mend_between(text[last:]))
    return _NO_COMMA.sub(r"\1,\n", "".join(parts))


def _mend_escapes(text: str) -> str:
    """The string without backslashes that escape nothing."""
    return _ESCAPE.sub(lambda found: found[1] or "", text) if "\\" in text else text


def _mend_error_list(text: str) -> str:
    """["110":"2024-..","600":".."] as a list of objects."""
    start = text.find(_ERROR_LIST) + len(_ERROR_LIST)
    found = _PAIRS.match(text, start) if start >= len(_ERROR_LIST) else None
    if not found:
        return text
    pairs = found[1].rstrip(",").replace('",', '"},{')
    return f"{text[:start]}{{{pairs}}}{text[found.end() - 1 :]}"


def _mend_between(gap: str) -> str:
    if len(gap) < 2:
        return gap
    if "//" in gap:
        gap = _COMMENT.sub("", gap)
    gap = re.sub(r"\}\s*\{", "},{", gap)
    gap = re.sub(r"\[\s*,", "[", gap)
    gap = re.sub(r",\s*([}\]])", r"\1", gap)
    gap = _ZEROS.sub("", gap)
    gap = _NO_ZERO.sub(r"\g<1>0.", gap)
    gap = _NOTHING.sub("null", gap)
    return _NOT_FINITE.sub("null", gap)


def _cut(text: str) -> str:
    """The text up to its last complete value, with the open brackets closed."""
    closers: list[str] = []
    safe, safe_closers = 0, ""
    at = 0
    while at < len(text):
        char = text[at]
        if char == '"':
            found = _STRING.match(text, at)
            if not found or not found[1]:
                break
            at = found.end()
            continue
        if char in "{[":
            closers.append("}" if char == "{" else "]")
            safe, safe_closers = at + 1, "".join(reversed(closers))
        elif char in "}]":
            if not closers or closers.pop() != char:
                break
            safe, safe_closers = at + 1, "".join(reversed(closers))
        elif char == "," and closers:
            safe, safe_closers = at, "".join(reversed(closers))
        at += 1
    return text[:safe] + safe_closers


ATTEMPTS: tuple[tuple[Callable[[str], str], str], ...] = (
    (_unchanged, "read tolerantly: control characters or numbers out of range"),
    (_mend, "mended: not valid JSON"),
    (_cut, CUT),
)
