"""Opening + produced + bought - sold - fees = closing, as printed: the shown figures must add up. Pure.

Each figure is rounded by itself, so the printed column may miss by a few units of its last place. That remainder is
printed as a line of its own where rounding can explain it; where it cannot, the roll-forward does not tie.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from treasury.reports.figures import Cell, Facts, cell


class Ties(StrEnum):
    """How the printed column adds up."""

    EXACTLY = "exactly"
    WITH_ROUNDING = "with rounding"
    NOT = "does not tie"
    UNKNOWN = "cannot be checked"


@dataclass(frozen=True)
class Step:
    """sign: +1 or -1, how it enters the sum.   opening and closing are steps too."""

    code: str
    sign: int
    cell: Cell


@dataclass(frozen=True)
class Printed:
    """rounding: what makes the printed column add up, None where it cannot be told.   words: why it cannot."""

    steps: tuple[Step, ...]
    closing: Cell
    ties: Ties
    rounding: Decimal | None
    words: str = ""


def printed(before: Facts, now: Facts) -> Printed:
    """The roll-forward of a month from the facts of the month before and its own."""
    opening, closing = cell(before, "btc_held"), cell(now, "btc_held")
    flows = [("btc_produced", 1), ("btc_bought", 1), ("btc_sold", -1), ("btc_fees", -1)]
    told = [(code, sign) for code, sign in flows if code in ("btc_produced", "btc_sold") or code in now]
    steps = (Step("opening", 1, opening), *(Step(code, sign, cell(now, code)) for code, sign in told))
    unknown = [step.code for step in steps if step.cell.shown is None]
    if closing.shown is None:
        unknown.append("closing")
    if unknown:
        return Printed(steps, closing, Ties.UNKNOWN, None, f"{', '.join(unknown)} not reported")
    return _checked(steps, closing)


def _checked(steps: tuple[Step, ...], closing: Cell) -> Printed:
    total = sum((step.sign * (step.cell.shown or Decimal(0)) for step in steps), Decimal(0))
    rounding = (closing.shown or Decimal(0)) - total
    # Half a unit of the last place of each figure is what rounding alone can do.
    room = sum((Decimal(5).scaleb(-one.places - 1) for one in [closing, *(step.cell for step in steps)]), Decimal(0))
    if not rounding:
        return Printed(steps, closing, Ties.EXACTLY, Decimal(0))
    if abs(rounding) <= room:
        return Printed(steps, closing, Ties.WITH_ROUNDING, rounding)
    return Printed(steps, closing, Ties.NOT, rounding, f"off by {rounding} BTC")
