"""How far the price may fall before something happens. What holds after a fall holds after a lesser one. Pure."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from treasury.lending.mark import CALLED, Status
from treasury.lending.stress import Position, Scenario, scenario

STEPS_PER_PCT: Final = 100
ALL: Final = 100 * STEPS_PER_PCT


def no_call(found: Scenario) -> bool:
    return not any(mark.status in CALLED for mark in found.loans.values())


def no_sale(found: Scenario) -> bool:
    return not any(mark.status is Status.LIQUIDATION for mark in found.loans.values())


def covered(found: Scenario) -> bool:
    """Free coins meet every call."""
    return found.can_cover_in_kind


def furthest(position: Position, holds: Callable[[Scenario], bool]) -> Decimal | None:
    """The deepest fall in percent, to a hundredth, at which it still holds; None where it does not hold now."""

    def holds_at(steps: int) -> bool:
        return holds(scenario(position, -Decimal(steps) / STEPS_PER_PCT))

    if not holds_at(0):
        return None
    if holds_at(ALL):
        return Decimal(100)
    low, high = 0, ALL
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds_at(middle) else (low, middle)
    return Decimal(low) / STEPS_PER_PCT
