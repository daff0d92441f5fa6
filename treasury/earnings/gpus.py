"""The GPU-minutes of a site's day out of its minutes of telemetry, and what of them its contracts were served."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Q

from compute.models import Container, Device, GpuContract, Rollup
from compute.telemetry.upsert import CONTAINER, SITE_SCOPE
from sites.models import Site
from treasury.models import ContractDay
from treasury.value.gpu_hours import Promise, Served, share_out

MINUTE: Final = timedelta(minutes=1)
MINUTE_S: Final = 60


class Nodes(NamedTuple):
    """The GPU nodes of a site on its map. gpus_each: of most of them."""

    nodes: int
    gpus_each: int


def of_day(site: Site, begin: datetime, end: datetime, now: datetime, missing: Counter[str]) -> dict[str, Any]:
    """GPU-minutes of the site; the days of its contracts are written beside."""
    nodes = nodes_of(site)
    rows = minutes_of(site, begin, end) if nodes.nodes else []
    if nodes.nodes and (unseen := (end - begin) // MINUTE - len(rows)) > 0:
        missing["GPU minutes not observed"] += unseen
    write_contracts(site, begin, end, now, nodes)
    return {
        "gpu_minutes_observed": len(rows),
        "gpu_minutes_installed": whole_of(row["gpus"] for row in rows),
        "gpu_minutes_available": whole_of(row["gpus_reporting"] for row in rows),
        "gpu_minutes_busy": whole_of(row["gpu_busy"] for row in rows),
    }


def nodes_of(site: Site) -> Nodes:
    each = Counter(Device.objects.filter(site=site, is_gpu=True).values_list("gpus", flat=True))
    return Nodes(each.total(), each.most_common(1)[0][0] if each else 0)


def minutes_of(site: Site, begin: datetime, end: datetime) -> Sequence[Mapping[str, Any]]:
    rows = Rollup.objects.filter(
        resolution_s=MINUTE_S, scope=SITE_SCOPE, scope_id=site.pk, start_at__gte=begin, start_at__lt=end
    )
    return [dict(row) for row in rows.values("start_at", "gpus", "gpus_reporting", "gpu_busy")]


def whole_of(values: Iterable[float | None]) -> int:
    return round(sum(value or 0.0 for value in values))


def write_contracts(site: Site, begin: datetime, end: datetime, now: datetime, nodes: Nodes) -> None:
    rows = GpuContract.objects.filter(Q(end_at=None) | Q(end_at__gt=begin), site=site, begin_at__lt=end)
    contracts = list(rows.order_by("begin_at", "pk"))
    if not contracts:
        return
    promises = [promise(row, begin, end) for row in contracts]
    for key, served in share_out(nodes_up(site, begin, end), promises).items():
        ContractDay.objects.update_or_create(
            contract_id=key, day=begin.date(), defaults=fields(served, nodes) | {"made_at": now}
        )


def promise(row: GpuContract, begin: datetime, end: datetime) -> Promise:
    until = end if row.end_at is None else min(row.end_at, end)
    return Promise(
        row.pk, row.nodes, row.usd_per_node_h, row.penalty_usd_per_node_h,
        max(0, -(-(row.begin_at - begin) // MINUTE)), max(0, (until - begin) // MINUTE),
    )  # fmt: skip


def nodes_up(site: Site, begin: datetime, end: datetime) -> dict[int, int]:
    """Nodes that were up, by the minute of the day: machines that worked in containers of GPUs; in mixed ones their
    GPUs by the node."""
    kinds = dict(Container.objects.filter(site=site).exclude(kind=Container.Kind.ASIC).values_list("pk", "kind"))
    rows = Rollup.objects.filter(
        resolution_s=MINUTE_S, scope=CONTAINER, scope_id__in=list(kinds), start_at__gte=begin, start_at__lt=end
    )
    each = nodes_of(site).gpus_each or 1
    found: Counter[int] = Counter()
    for at, container, up, gpus in rows.values_list("start_at", "scope_id", "up", "gpus_reporting"):
        is_mixed = kinds[container] == Container.Kind.MIXED
        found[(at - begin) // MINUTE] += int((gpus or 0.0) // each) if is_mixed else up
    return dict(found)


def fields(served: Served, nodes: Nodes) -> dict[str, Any]:
    return {
        "gpus_per_node": nodes.gpus_each, "committed_minutes": served.committed, "served_minutes": served.served,
        "unobserved_minutes": served.unobserved, "billed_usd": served.billed_usd, "credit_usd": served.credit_usd,
    }  # fmt: skip
