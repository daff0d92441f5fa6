"""What a contract charges by the month beside its energy: demand, coincident peak, blocks. Pure.

A day says what its quarter hours drew, by contract and billing month (`Part`); a month adds its days up (`lines`). Half
hours and hours are means of quarters; a charge that is metered by five minutes is estimated on quarters too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from sites.tariffs.peaks import coincident_usd_per_mwh
from sites.tariffs.terms import Block, Charge, Contract
from sites.tariffs.windows import holds, interval_of

QUARTER: Final = timedelta(minutes=15)
HOURS: Final = Decimal("0.25")
CENT: Final = Decimal("0.01")
KW: Final = Decimal("0.001")


class Part(msgspec.Struct, frozen=True):
    """What some quarter hours of a billing month say. peaks: the highest interval of each charge, in MW, and when.

    market_usd: the sum of the market's prices of those quarters that have one, market_quarters many.
    """

    quarters: int = 0
    mwh: Decimal = Decimal(0)
    peaks: dict[str, tuple[Decimal, datetime]] = {}
    coincident_usd: Decimal = Decimal(0)
    market_usd: Decimal = Decimal(0)
    market_quarters: int = 0


@dataclass(frozen=True)
class Line:
    """One charge. usd None: it cannot be said, and words say why."""

    name: str
    usd: Decimal | None
    words: str


@dataclass(frozen=True)
class Held:
    """How much of a billing month a contract holds. share: its days of all.   elapsed: of those, what is over."""

    share: Decimal
    elapsed: Decimal
    quarters: int


def part_of(contract: Contract, drawn: Sequence[tuple[datetime, Decimal]], market: Mapping[datetime, Decimal]) -> Part:
    """drawn: mean MW of quarter hours.   market: what the market says of them, where it does."""
    priced = [market[at] for at, _ in drawn if at in market]
    return Part(
        quarters=len(drawn),
        mwh=sum((mw * HOURS for _, mw in drawn), Decimal(0)),
        peaks=peaks(contract, drawn),
        coincident_usd=sum((mw * HOURS * coincident_usd_per_mwh(contract, at) for at, mw in drawn), Decimal(0)),
        market_usd=sum(priced, Decimal(0)),
        market_quarters=len(priced),
    )


def peaks(contract: Contract, drawn: Iterable[tuple[datetime, Decimal]]) -> dict[str, tuple[Decimal, datetime]]:
    rows, found = list(drawn), {}
    for charge in contract.terms.demand_charges:
        means = intervals(contract, charge, rows)
        if means:
            at = max(means, key=lambda start: means[start])
            found[charge.name] = (means[at], at)
    return found


def intervals(contract: Contract, charge: Charge, drawn: Iterable[tuple[datetime, Decimal]]) -> dict[datetime, Decimal]:
    """Mean MW of the intervals in the charge's window of which half or more is known."""
    found: dict[datetime, list[Decimal]] = defaultdict(list)
    minutes = max(charge.interval_min, 15)
    for at, mw in drawn:
        if holds(charge.when, at, contract.zone, contract.terms.holidays):
            found[interval_of(at, minutes, contract.zone)].append(max(mw, Decimal(0)))
    return {at: sum(mws, Decimal(0)) / len(mws) for at, mws in found.items() if 30 * len(mws) >= minutes}


def added(parts: Iterable[Part]) -> Part:
    rows = list(parts)
    highest: dict[str, tuple[Decimal, datetime]] = {}
    for part in rows:
        for name, peak in part.peaks.items():
            highest[name] = max(highest.get(name, peak), peak)
    return Part(
        quarters=sum(part.quarters for part in rows),
        mwh=sum((part.mwh for part in rows), Decimal(0)),
        peaks=highest,
        coincident_usd=sum((part.coincident_usd for part in rows), Decimal(0)),
        market_usd=sum((part.market_usd for part in rows), Decimal(0)),
        market_quarters=sum(part.market_quarters for part in rows),
    )


def lines(contract: Contract, part: Part, held: Held) -> list[Line]:
    """What the month owes so far. Charges for a whole month accrue with its time, so that a month that runs is not
    charged for days to come; at its end they stand in full."""
    found = [demand(charge, part, held) for charge in contract.terms.demand_charges]
    if contract.terms.coincident_peak is not None:
        words = "expected, as each likely hour bears its share"
        found.append(Line("Coincident peak", cents(part.coincident_usd), words))
    if contract.terms.take_or_pay is not None:
        found.append(block(contract, contract.terms.take_or_pay, part, held))
    return found


def demand(charge: Charge, part: Part, held: Held) -> Line:
    name = f"Demand, {charge.name}"
    if charge.name not in part.peaks:
        if held.quarters and part.quarters >= held.quarters:
            return Line(name, cents(Decimal(0)), "no interval lay in its window")
        return Line(name, None, "nothing was metered in its window")
    peak_mw, at = part.peaks[charge.name]
    usd = peak_mw * charge.usd_per_mw * held.share * held.elapsed
    return Line(name, cents(usd), f"a peak of {peak_mw.quantize(KW)} MW at {at:%Y-%m-%d %H:%M} UTC{known(part, held)}")


def block(contract: Contract, terms: Block, part: Part, held: Held) -> Line:
    """With resale and a market all energy is priced by the market already: the block costs what it is dearer by."""
    name, mwh = "Take or pay", terms.mwh_a_month * held.share * held.elapsed
    if not terms.resale:
        left = max(Decimal(0), mwh - part.mwh)
        words = f"{left:.1f} of {mwh:.1f} MWh untaken{known(part, held)}"
        return Line(name, cents(left * terms.usd_per_mwh), words)
    if not contract.market or not part.market_quarters:
        return Line(name, None, "what is left of the block has no market's price")
    mean = part.market_usd / part.market_quarters
    words = f"{mwh:.1f} MWh at {terms.usd_per_mwh:.2f}, which the market had at {mean:.2f} USD/MWh"
    return Line(name, cents(mwh * (terms.usd_per_mwh - mean)), words)


def known(part: Part, held: Held) -> str:
    """How much of the time that is over was metered, where it is not all."""
    if part.quarters >= held.quarters:
        return ""
    return f", of {100 * part.quarters // held.quarters} % of the quarter hours"


def cents(usd: Decimal) -> Decimal:
    return usd.quantize(CENT)


def stored(part: Part) -> Any:
    """As JSON keeps it, exactly."""
    return msgspec.to_builtins(part)


def restored(value: Any) -> Part:
    return msgspec.convert(value, Part, strict=False)
