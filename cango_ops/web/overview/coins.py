"""What came of it: bitcoin of today by measured hashrate, and, for those who see the books, what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Count, Sum

from cango_ops.units import SATS_PER_BTC
from cango_ops.web.shared import shared
from treasury.loans.position import position
from treasury.models import ProductionDay

SHARED_S: Final = 10.0


@dataclass(frozen=True)
class Today:
    """Expected after the pool fee since midnight UTC; None where no site's hashrate was measured yet."""

    btc: float | None
    sites: int


@dataclass(frozen=True)
class Held:
    """All bitcoin of the books, and how far the price may fall before the first loan is called."""

    btc: float
    to_call_pct: Decimal | None


def today(site_ids: Sequence[int], now: datetime) -> Today:
    return shared(SHARED_S, "coins-today", site_ids, now.date(), make=lambda: _today(site_ids, now))


def held(now: datetime) -> Held:
    """Only for those who see the books."""
    return shared(SHARED_S, "coins-held", make=lambda: _held(now))


def _today(site_ids: Sequence[int], now: datetime) -> Today:
    rows = ProductionDay.objects.filter(site__in=site_ids, day=now.date(), expected_sat__isnull=False)
    sums = rows.aggregate(sat=Sum("expected_sat"), sites=Count("site"))
    return Today(None if sums["sat"] is None else sums["sat"] / SATS_PER_BTC, sums["sites"])


def _held(now: datetime) -> Held:
    standing = position(now)
    return Held(standing.held_sat / SATS_PER_BTC, standing.nearest_pct)
