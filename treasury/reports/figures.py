"""A figure of a month: a value with its precision and lineage, or the reason why there is none. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from treasury.money import half_up, percent, ratio
from treasury.reports.catalogue import BY_CODE

NOT_REPORTED = "not reported"


@dataclass(frozen=True)
class Cell:
    """value None: not known, and `reason` says why.   places: decimals shown.   lineage: ids of the rows it came of.

    note: what a reader must know beside the figure.
    """

    value: Decimal | None
    places: int = 0
    reason: str = ""
    note: str = ""
    lineage: tuple[str, ...] = ()

    @property
    def shown(self) -> Decimal | None:
        """The value as every document shows it: half away from zero at its precision."""
        return None if self.value is None else half_up(self.value, self.places)


Facts = Mapping[str, Cell]


def known(code: str, value: Decimal, lineage: Sequence[str] = (), places: int | None = None, note: str = "") -> Cell:
    """A figure at the catalogue's precision; places: that of who published it, which stays as it was printed."""
    return Cell(value, BY_CODE[code].places if places is None else places, note=note, lineage=tuple(lineage))


def missing(reason: str, lineage: Sequence[str] = ()) -> Cell:
    return Cell(None, reason=reason, lineage=tuple(lineage))


def cell(facts: Facts, code: str) -> Cell:
    return facts.get(code) or missing(NOT_REPORTED)


def told(value: Decimal | None) -> str:
    """A figure in a sentence."""
    return "not reported" if value is None else f"{value:,f}"


def derived(facts: Facts, days: int) -> dict[str, Cell]:
    """The facts, with what follows from them where nobody said it."""
    found = dict(facts)
    for code, make in DERIVED.items():
        if cell(found, code).value is None:
            made = make(found, days)
            if made is not None:
                found[code] = made
    return found


def _per_day(facts: Facts, days: int) -> Cell | None:
    return _quotient("btc_per_day", cell(facts, "btc_produced"), Decimal(days), ["btc_produced", f"{days} days"])


def _operating_ratio(facts: Facts, days: int) -> Cell | None:
    part = cell(facts, "operating_avg_ehs")
    base = "deployed_avg_ehs" if cell(facts, "deployed_avg_ehs").value is not None else "deployed_end_ehs"
    whole = cell(facts, base)
    # A note at a month-end figure says that it did not hold all month; at an average it says what was observed.
    if part.value is None or not whole.value or (whole.note and base == "deployed_end_ehs"):
        return None
    value = percent(part.value, whole.value)
    source = [f"= operating_avg_ehs / {base}"]
    return None if value is None else known("operating_ratio_pct", value, source, note=whole.note)


def _sale_price(facts: Facts, days: int) -> Cell | None:
    sold, proceeds = cell(facts, "btc_sold"), cell(facts, "sale_proceeds_usd")
    if not sold.value:
        return missing("no Bitcoin was sold") if sold.value == 0 else None
    return _quotient("sale_price_usd", proceeds, sold.value, ["sale_proceeds_usd", "btc_sold"])


def _proceeds(facts: Facts, days: int) -> Cell | None:
    return missing("no Bitcoin was sold") if cell(facts, "btc_sold").value == 0 else None


def _quotient(code: str, part: Cell, whole: Decimal, of: Sequence[str]) -> Cell | None:
    if part.value is None:
        return None
    value = ratio(part.value, whole, 8)
    return None if value is None else known(code, value, [f"= {' / '.join(of)}"])


DERIVED = {
    "btc_per_day": _per_day,
    "operating_ratio_pct": _operating_ratio,
    "sale_proceeds_usd": _proceeds,
    "sale_price_usd": _sale_price,
}


def change(code: str, now: Cell, before: Cell) -> Decimal | None:
    """By how many per cent the shown figure moved; a figure in per cent moves by percentage points. One decimal."""
    if now.shown is None or before.shown is None:
        return None
    if BY_CODE[code].unit == "%":
        return half_up(now.shown - before.shown, 1)
    return percent(now.shown - before.shown, abs(before.shown), 1) if before.shown else None


def why_no_change(code: str, now: Cell, before: Cell) -> str:
    """Why a dash stands for the change; empty where it is known."""
    if now.shown is None:
        return "this month is not reported"
    if before.shown is None:
        return "the earlier month is not reported"
    return "" if before.shown or BY_CODE[code].unit == "%" else "the earlier figure is 0"
