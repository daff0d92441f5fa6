"""The Prometheus text format, bounded and fast: samples of the wanted names only. Pure.

Exporters write hundreds of metrics of which a reading needs ten, so a line is looked at closely only when its name is
wanted. Histogram buckets fall out by their names. Source: Prometheus exposition format 0.0.4, and of OpenMetrics 1.0
what exporters write (exemplars, # EOF).
"""

import re
from collections.abc import Collection
from functools import lru_cache
from math import isfinite

from cango_ops.wire import Garbled

MAX_SAMPLES = 20_000
MAX_LABELS = 64
# DCGM writes these where a field is not supported: 2**63 - 14 and its neighbours, and 2**31 - 16 for 32-bit fields.
BLANK_INT64 = 9_223_372_036_854_775_792
BLANK_INT32 = (2_147_483_632, 2_147_483_647)

Labels = dict[str, str]
Sample = tuple[str, Labels, float]

_LABEL = re.compile(r'\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
# Possessive: a line of quotes that never close costs no more than its length.
_LABELS = re.compile(r'\{(?:[^"}]++|"(?:[^"\\]++|\\.)*+")*+\}')
_NAME = re.compile(r"[A-Za-z_:][\w:]*")


def samples(raw: bytes, wanted: Collection[str]) -> list[Sample]:
    """The samples whose name is in `wanted`, in order; blank sentinels and values that are not finite left out.

    Raises Garbled where no line is a sample of any name.
    """
    found: list[Sample] = []
    known: dict[str, Labels | None] = {}  # within one page the same few labels come again and again
    seen = False
    for line in raw.decode("utf-8", "replace").split("\n"):
        if not line or line[0] == "#":
            continue
        brace = line.find("{")
        name = line[:brace].rstrip() if brace > 0 else line[: max(0, line.find(" "))]
        if name not in wanted:
            seen = seen or bool(_NAME.fullmatch(name))
            continue
        close = _close_of(line, brace) if brace > 0 else len(name) - 1
        value = _value(line[close + 1 :])
        if value is None or close < brace:
            continue
        text = line[brace + 1 : close] if brace > 0 else ""
        if text not in known:
            known[text] = labels_of(text)
        labels = known[text]
        if labels is None:
            continue
        seen = True
        if not _is_blank(value):
            found.append((name, labels, value))
            if len(found) > MAX_SAMPLES:
                raise Garbled("more samples than any machine has")
    if not seen:
        raise Garbled("no metrics")
    return found


def _close_of(line: str, brace: int) -> int:
    """Where the labels end. Behind the value may stand an exemplar with braces of its own (OpenMetrics)."""
    if "#" not in line:
        return line.rfind("}")
    found = _LABELS.match(line, brace)
    return found.end() - 1 if found else -1


@lru_cache(maxsize=4096)
def labels_of(text: str) -> Labels | None:
    """The labels between the braces; None if they are torn. The same GPU's are the same text in every line and scrape,
    so they are kept; nobody may change them."""
    labels: Labels = {}
    end = 0
    while (found := _LABEL.match(text, end)) is not None and len(labels) < MAX_LABELS:
        labels[found[1]] = _unescape(found[2]) if "\\" in found[2] else found[2]
        end = found.end()
    return None if text[end:].strip() else labels


def _unescape(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def _value(rest: str) -> float | None:
    """The first word after the labels; a timestamp may follow, and an exemplar."""
    rest = rest.partition("#")[0] if "#" in rest else rest
    if len(rest) > 80 or not rest.isascii() or "_" in rest:
        return None
    try:
        return float(rest)
    except ValueError:
        pass
    try:
        return float(rest.split(None, 1)[0])
    except (ValueError, IndexError):
        return None


def _is_blank(value: float) -> bool:
    return not (value < BLANK_INT32[0] and isfinite(value)) and not BLANK_INT32[1] < value < BLANK_INT64
