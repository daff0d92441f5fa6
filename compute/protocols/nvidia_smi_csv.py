"""`nvidia-smi --query-gpu=.. --format=csv`: a head of field names with units behind, then a line a GPU. Pure.

`nounits` leaves the units away; then they are those that the field always has. Source: nvidia-smi --help-query-gpu.
"""

import csv
import re

from cango_ops.wire import Garbled
from compute.protocols import fields
from compute.protocols.reading import Gpu

MARKS = ("utilization.gpu", "memory.used", "power.draw", "temperature.gpu")
MAX_LINES = 4_096
_UNIT = re.compile(r"\s*\[[^\]]{1,8}\]\s*$")

Row = dict[str, str]


def is_table(text: str) -> bool:
    """Whether some line is such a head."""
    return any(mark in text[:4_096] for mark in MARKS)


def rows(text: str) -> list[Row]:
    """The lines by field name; after a second head they begin anew, for the last look counts. Raises Garbled."""
    head: list[str] = []
    found: list[Row] = []
    for cells in csv.reader(text.splitlines()[:MAX_LINES], skipinitialspace=True):
        names = [_UNIT.sub("", cell).strip().lower() for cell in cells]
        if any(name.startswith(MARKS) for name in names):
            head, found = names, []
        elif head and len(cells) == len(head):
            found.append({name: cell.strip() for name, cell in zip(head, cells, strict=True)})
    if not found:
        raise Garbled("no GPU in the table")
    return found


def gpu_of(at: int, row: Row, most_w: float) -> Gpu:
    """The GPU of one line; the place stands for a UUID that was not asked for."""
    place = said(row, "pci.bus_id", "gpu_bus_id", "index", "gpu_index") or at
    return Gpu(
        uuid=said(row, "uuid", "gpu_uuid") or f"bus {place}",
        model=said(row, "name", "gpu_name"),
        utilisation_pct=fields.between(number(row, "utilization.gpu"), 0, 100),
        memory_used_mib=number(row, "memory.used"),
        power_w=fields.between(number(row, "power.draw.instant", "power.draw", "power.draw.average"), 0, most_w),
        temperature_c=fields.celsius(number(row, "temperature.gpu")),
    )


def said(row: Row, *names: str) -> str | None:
    return next((text for name in names if (text := fields.text(row.get(name)))), None)


def number(row: Row, *names: str) -> float | None:
    return next((read for name in names if (read := fields.quantity(row.get(name))) is not None), None)
