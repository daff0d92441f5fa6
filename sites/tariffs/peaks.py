"""What a megawatt costs beside its energy: demand charges, coincident peaks, and blocks of take-or-pay."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sites.tariffs.terms import Block, Charge, Contract
from sites.tariffs.windows import billing_month, holds, interval_of

# A mean of fewer minutes is no interval of the meter.
WHOLE_SHARE = 0.5


@dataclass(frozen=True)
class Peak:
    """The month's highest interval so far. peak_mw is None where the meter said nothing; then reason says so.

    missing_share: of the intervals that are over, those that nothing is known of; the true peak may hide there.
    """

    peak_mw: float | None
    at: datetime | None = None
    missing_share: float = 0.0
    reason: str = ""


def peak_so_far(contract: Contract, charge: Charge, minutes: Iterable[tuple[datetime, float]], now: datetime) -> Peak:
    """minutes: (beginning, mean MW) of what the meter drew, of the billing month that `now` lies in at least."""
    begin, _ = billing_month(now, contract.zone)
    found: dict[datetime, list[float]] = defaultdict(list)
    for at, power_mw in minutes:
        if begin <= at < now and holds(charge.when, at, contract.zone, contract.terms.holidays):
            found[interval_of(at, charge.interval_min, contract.zone)].append(power_mw)
    means = {
        start: sum(values) / len(values)
        for start, values in found.items()
        if len(values) >= WHOLE_SHARE * charge.interval_min
    }
    if not means:
        return Peak(None, missing_share=1.0, reason="the meter said nothing of this billing month")
    at = max(means, key=lambda start: means[start])
    return Peak(max(0.0, means[at]), at, missing_share(contract, charge, len(means), begin, now))


def missing_share(contract: Contract, charge: Charge, known: int, begin: datetime, now: datetime) -> float:
    """Of the intervals of the window between both, the share that is not known."""
    steps = int((now - begin).total_seconds() // (60 * charge.interval_min))
    length = (now - begin) / steps if steps else now - begin
    there = sum(
        holds(charge.when, begin + length * step, contract.zone, contract.terms.holidays) for step in range(steps)
    )
    return max(0.0, 1 - known / there) if there else 0.0


def coincident_usd_per_mwh(contract: Contract, at: datetime) -> Decimal:
    """What a MWh drawn then adds to the coincident-peak charge, on average: the charge shared by its likely hours."""
    coincident = contract.terms.coincident_peak
    if coincident is None or not holds(coincident.when, at, contract.zone, contract.terms.holidays):
        return Decimal(0)
    return coincident.usd_per_mw / coincident.hours_a_month


def unused_block_usd(block: Block, taken_mwh: Decimal, resale_usd_per_mwh: Decimal | None = None) -> Decimal | None:
    """Dollars that a month's untaken energy costs: all of it without resale, else its price less what it brings.

    None where it can be resold and that price is not known.
    """
    left = max(Decimal(0), block.mwh_a_month - taken_mwh)
    if not block.resale:
        return left * block.usd_per_mwh
    return None if resale_usd_per_mwh is None else left * (block.usd_per_mwh - resale_usd_per_mwh)
