"""A container drawn as it stands: one cell a place, coloured by state or by how high a number is. Pure.

Heat runs over the values of the map itself, from its lowest to its highest machine; a place without a value has no
heat, and an empty place no cell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cango_ops.base.figures import figure
from compute.telemetry.answers import Cell

HEATS: Final = 6
PITCH: Final = 6


@dataclass(frozen=True)
class Shade:
    """A way to colour the cells. kind: as in figures.LADDERS and FIXED, None where it is the state.

    of: "asic", "gpu" or None for both. unit: of the numbers in the cells, as its legend names it.
    """

    name: str
    word: str
    kind: str | None
    of: str | None
    unit: str | None = None


SHADES: Final = {
    shade.name: shade
    for shade in (
        Shade("state", "State", None, None),
        Shade("hashrate_ths", "Hashrate", "ths", "asic", "TH/s"),
        Shade("chip_temp_c", "Chip °C", "c", "asic"),
        Shade("board_temp_c", "Board °C", "c", "asic"),
        Shade("power_w", "Power", "w", None, "W"),
        Shade("fan_rpm", "Fans", "rpm", "asic"),
        Shade("utilisation_pct", "GPU %", "pct", "gpu"),
        Shade("gpu_temp_c", "GPU °C", "c", "gpu"),
    )
}


@dataclass(frozen=True)
class Legend:
    """What the heat means: its lowest and highest value, None where no machine says the number."""

    shade: Shade
    low: float | None = None
    high: float | None = None

    def heat(self, value: float | None) -> int | None:
        """0 for the lowest, HEATS - 1 for the highest; all alike are in the middle."""
        if value is None or self.low is None or self.high is None:
            return None
        if self.high <= self.low:
            return HEATS // 2
        return min(HEATS - 1, int((value - self.low) / (self.high - self.low) * HEATS))


@dataclass(frozen=True)
class Place:
    """One place of the map. text: what stands in the cell. name: what is read out. Empty places have no cell."""

    slot: int
    cell: Cell | None
    text: str = ""
    name: str = ""
    heat: int | None = None

    @property
    def classes(self) -> str:
        if self.cell is None:
            return "is-empty"
        return f"is-{self.cell.state}" + (f" heat-{self.heat}" if self.heat is not None else "")


def legend(shade: Shade, values: Iterable[float | None]) -> Legend:
    known = [value for value in values if value is not None]
    return Legend(shade, min(known), max(known)) if known else Legend(shade)


def legend_of(shade: Shade, cells: Iterable[Cell]) -> Legend:
    return legend(shade, (value_of(cell, shade) for cell in cells))


def places(rows: int, columns: int, cells: Sequence[Cell], key: Legend) -> list[list[Place]]:
    """rows x columns places, row by row; more machines than places make more rows."""
    by_slot = {cell.slot: cell for cell in cells}
    last = max(rows * columns, *by_slot, 1)
    made = [place(slot, by_slot.get(slot), key) for slot in range(1, last + 1)]
    return [made[start : start + columns] for start in range(0, len(made), columns)]


def value_of(cell: Cell, shade: Shade) -> float | None:
    """What the cell shows: a stale or unknown machine shows no number as if it were so now."""
    if shade.kind is None or cell.state in ("stale", "unknown"):
        return None
    value: float | None = getattr(cell, shade.name)
    return value


def place(slot: int, cell: Cell | None, key: Legend) -> Place:
    if cell is None:
        return Place(slot, None, name=f"Slot {slot}, empty")
    if key.shade.kind is None:
        return Place(slot, cell, "", f"Slot {slot}, {cell.state}, {cell.reason}".removesuffix(", "))
    value = value_of(cell, key.shade)
    shown = figure(value, key.shade.kind, 3, key.shade.unit)
    name = f"Slot {slot}, {cell.state}, {shown.full}"
    return Place(slot, cell, shown.text, name, key.heat(value))


def miniature(rows: int, columns: int, cells: Iterable[tuple[int, str]], name: str) -> SafeString:
    """The container as a small drawing, for a list. cells: slot and its class, is-STATE or heat-N.

    One path a class and not one square a machine: a site has ten thousand of them.
    """
    by_class: dict[str, list[int]] = {}
    for slot, drawn_as in cells:
        by_class.setdefault(drawn_as, []).append(slot)
    taken = {slot for slots in by_class.values() for slot in slots}
    last = max(rows * columns, *taken, 1)
    by_class = {"is-none": [slot for slot in range(1, last + 1) if slot not in taken]} | by_class
    paths = format_html_join("", '<path class="{}" d="{}"/>', (
        (drawn_as, squares(slots, columns)) for drawn_as, slots in by_class.items() if slots
    ))  # fmt: skip
    return format_html(
        '<svg class="mini" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">{3}</svg>',
        columns * PITCH - 1, -(-last // columns) * PITCH - 1, name, paths,
    )  # fmt: skip


def squares(slots: Iterable[int], columns: int) -> str:
    return "".join(f"M{(slot - 1) % columns * PITCH} {(slot - 1) // columns * PITCH}h5v5h-5z" for slot in slots)
