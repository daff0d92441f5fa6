r"""The text dialect of the cgminer family: `STATUS=S,When=1,..|SUMMARY,Elapsed=1,..|`, with backslash before `| , = \`.

A machine answers in it to a question that was not JSON. The result has the shape of a JSON reply.
"""

import re
from typing import Any

from cango_ops.wire import Garbled

MAX_BYTES = 1 << 18
MAX_SECTIONS = 256
# The first word of a row, and the section that JSON would put it into.
SECTIONS = {"POOL": "POOLS", "ASC": "DEVS", "PGA": "DEVS", "GPU": "DEVS", "FAN": "FANS"}
# Machines write none; mail programs break what people send with them.
_LINE_ENDS = re.compile(r"[\r\n]+")


def parse_text(raw: bytes) -> dict[str, Any]:
    """The reply; its values are all strings. Raises Garbled."""
    text = raw[:MAX_BYTES].replace(b"\x00", b"").decode("utf-8", "replace").strip()
    if not text.startswith("STATUS=") or len(raw) > MAX_BYTES:
        raise Garbled("neither JSON nor a cgminer text reply")
    reply: dict[str, Any] = {}
    for section in _split(_LINE_ENDS.sub(" ", text), "|")[:MAX_SECTIONS]:
        pairs = [_split(item, "=") for item in _whole(_split(section, ","))]
        if not section or not pairs[0][0]:
            continue
        name = _unescape(pairs[0][0]).strip()
        row = {_unescape(pair[0]): _unescape("=".join(pair[1:])) for pair in pairs if len(pair) > 1}
        reply.setdefault(SECTIONS.get(name, name)[:40], []).append(row)
    return reply


def _split(text: str, mark: str) -> list[str]:
    return re.split(r"(?<!\\)" + re.escape(mark), text)


def _whole(items: list[str]) -> list[str]:
    """The items, with those joined again that were parted inside [..]: Avalon writes bare commas there."""
    whole: list[str] = []
    parts: list[str] = []
    depth = 0
    for item in items:
        depth = max(0, depth + item.count("[") - item.count("]"))
        parts.append(item)
        if not depth:
            whole.append(",".join(parts))
            parts = []
    return whole + parts


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
