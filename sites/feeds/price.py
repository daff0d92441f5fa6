"""One interval's price as a source said it, and what no market would say. Pure."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from cango_ops.wire import Garbled

# Beyond these a figure is a slip of the source: ERCOT's cap was 9,000, Australia's is near 12,000 in US dollars.
USD_PER_MWH = (Decimal(-2_000), Decimal(20_000))


class Price(msgspec.Struct, frozen=True):
    """What a MWh costs in [start_at, start_at + minutes). index: day_ahead or real_time."""

    market: str
    index: str
    start_at: datetime
    minutes: int
    usd_per_mwh: Decimal


def plausible(value: Any, where: str) -> Decimal:
    """The price as dollars. Raises Garbled where no market says such a thing."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise Garbled(f"{where}: the price is no number")
    try:
        price = Decimal(str(value).strip())
    except InvalidOperation as why:
        raise Garbled(f"{where}: {str(value)[:40]!r} is no number") from why
    if not price.is_finite() or not USD_PER_MWH[0] <= price <= USD_PER_MWH[1]:
        raise Garbled(f"{where}: {str(value)[:40]} USD/MWh is beyond any market's limits")
    return price.quantize(Decimal("0.0001"))
