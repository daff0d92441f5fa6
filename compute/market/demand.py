"""What GPU nodes of a site are sold for: the contracts that hold, and the newest word of the spot market."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from compute.models import GpuContract, SpotDemand
from sites.models import Site


@dataclass(frozen=True)
class Committed:
    """All contracts of a site together. usd_per_node_h: mean by nodes; penalty: the highest, since the dearest
    customer's nodes are the last to go."""

    nodes: int = 0
    usd_per_node_h: Decimal = Decimal(0)
    penalty_usd_per_node_h: Decimal = Decimal(0)
    customers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sold:
    """A contract that holds. lost_usd_per_node_h: what an hour without one of its nodes costs."""

    customer: str
    nodes: int
    usd_per_node_h: Decimal
    penalty_usd_per_node_h: Decimal

    @property
    def lost_usd_per_node_h(self) -> Decimal:
        return self.usd_per_node_h + self.penalty_usd_per_node_h


@dataclass(frozen=True)
class Spot:
    """nodes is None where nobody knows any more what could be sold; then reason says so."""

    nodes: int | None
    usd_per_node_h: Decimal | None = None
    source: str = ""
    observed_at: datetime | None = None
    reason: str = ""


def holding(site: Site, at: datetime) -> list[GpuContract]:
    rows = GpuContract.objects.filter(Q(end_at=None) | Q(end_at__gt=at), site=site, begin_at__lte=at)
    return list(rows.order_by("customer", "pk"))


def contracts(site: Site, at: datetime) -> list[Sold]:
    """Those first whose nodes are the last to go: by what an hour without one costs."""
    sold = [
        Sold(row.customer, row.nodes, row.usd_per_node_h, row.penalty_usd_per_node_h)
        for row in holding(site, at)
        if row.nodes
    ]
    return sorted(sold, key=lambda one: (-one.lost_usd_per_node_h, one.customer))


def committed(site: Site, at: datetime) -> Committed:
    rows = holding(site, at)
    nodes = sum(row.nodes for row in rows)
    if not nodes:
        return Committed()
    return Committed(
        nodes=nodes,
        usd_per_node_h=sum((row.usd_per_node_h * row.nodes for row in rows), Decimal(0)) / nodes,
        penalty_usd_per_node_h=max(row.penalty_usd_per_node_h for row in rows),
        customers=tuple(row.customer for row in rows),
    )


def spot(site: Site, at: datetime) -> Spot:
    newest = SpotDemand.objects.filter(site=site, observed_at__lte=at).order_by("-observed_at").first()
    if newest is None:
        return Spot(None, reason="nobody said what the spot market asks for")
    if newest.good_until <= at:
        hours = (at - newest.good_until) / timedelta(hours=1)
        reason = f"what the spot market asks for was good until {hours:.0f} h ago"
        return Spot(None, source=newest.source, observed_at=newest.observed_at, reason=reason)
    return Spot(newest.nodes, newest.usd_per_node_h, newest.source, newest.observed_at)
