"""The Prometheus text format, bounded and fast: samples of the wanted names only. Pure.

Exporters write hundreds of metrics of which a reading needs ten, so a line is looked at closely only when its name is
wanted. Histogram buckets fall out by their names. Source: Prometheus exposition format 0.0.4.
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
_NAME = re.compile(r"[A-Za-z_:][\w:]*")


def samples(raw: bytes, wanted: Collection[str]) -> list[Sample]:
    """The samples whose name is in `wanted`, in order; blank sentinels and values that are not finite left out.

    Raises Garbled where no line is a sample of any name.
    """
    found: list[Sample] = []
    seen = False
    for line in raw.decode("utf-8", "replace").splitlines():
        name = _name_of(line)
        if name is None:
            continue
        if name not in wanted:
            seen = seen or bool(_NAME.fullmatch(name))
            continue
        sample = _parse(name, line)
        if sample is not None:
            seen = True
            if not _is_blank(sample[2]):
                found.append(sample)
            if len(found) > MAX_SAMPLES:
                raise Garbled("more samples than any machine has")
    if not seen:
        raise Garbled("no metrics")
    return found


def _name_of(line: str) -> str | None:
    """What stands before the labels or the value; None for comments and blank lines."""
    if not line or line[0] == "#":
        return None
    brace = line.find("{")
    if brace > 0:
        return line[:brace].rstrip()
    blank = line.find(" ")
    return line[:blank] if blank > 0 else None


def _parse(name: str, line: str) -> Sample | None:
    """The sample of one line; None if the line is torn."""
    start = line.find("{")
    if start < 0:
        value = _value(line[len(name) :])
        return (name, {}, value) if value is not None else None
    close = line.rfind("}")
    value = _value(line[close + 1 :])
    labels = labels_of(line[start + 1 : close]) if close > start and value is not None else None
    return (name, labels, value) if labels is not None and value is not None else None


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
    """The first word after the labels; a timestamp may follow."""
    words = rest.split(None, 2)
    if not words or len(words[0]) > 40:
        return None
    try:
        return float(words[0])
    except ValueError:
        return None


def _is_blank(value: float) -> bool:
    return not isfinite(value) or value >= BLANK_INT64 or BLANK_INT32[0] <= value <= BLANK_INT32[1]
