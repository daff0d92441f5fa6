"""Rules of GPU nodes: down, with an error of the driver, or too few for what customers have bought."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q

from cango_ops.alerts.rules import CRITICAL, WARNING, Context, Finding, Rule, Shown, Verdicts
from cango_ops.alerts.table import RuleSet
from compute.alerting.rows import Box, Seen, codes, sites_now
from compute.models import Container, DeviceNow, GpuContract
from sites.alerting import place_of

DOWN: Final = Rule(
    name="gpu.down", title="GPU nodes down", severity=WARNING, hold_s=120, under_link=True,
    why="nodes that do not answer",
)  # fmt: skip
XID: Final = Rule(
    name="gpu.xid", title="GPU errors", severity=WARNING, hold_s=60, under_link=True,
    why="the driver reported an XID: a card that falls off the bus, bad memory, a reset that is due",
)  # fmt: skip
SLA: Final = Rule(
    name="gpu.sla", title="Contract at risk", severity=CRITICAL, hold_s=120, under_link=True,
    why="fewer nodes answer than customers have bought: each one missing costs its price and the penalty",
)  # fmt: skip
RULES: Final = (DOWN, XID, SLA)


@dataclass(frozen=True)
class Sold:
    """Nodes of a site that are sold by contract. usd_per_node_h: the dearest price with its penalty."""

    nodes: int
    usd_per_node_h: Decimal


def check(context: Context) -> Verdicts:
    sites = [seen for seen in sites_now(context.now) if not seen.is_quiet and gpu_boxes(seen)]
    verdicts = Verdicts(judged={rule.name for rule in RULES})
    heard = [seen for seen in sites if not seen.is_stale and seen.total("reporting")]
    unheard = {f"site/{seen.site.code}" for seen in sites} - {f"site/{seen.site.code}" for seen in heard}
    verdicts.unknown |= {(rule.name, subject) for subject in unheard for rule in RULES}
    sold, errors = sold_by_site(context), errors_by_site(heard)
    for seen in heard:
        verdicts.found += [*down(seen, sold), *errored(seen, errors), *at_risk(seen, sold)]
    return verdicts


def gpu_boxes(seen: Seen) -> list[Box]:
    return gpus_of(seen.boxes)


def gpus_of(boxes: Iterable[Box]) -> list[Box]:
    return [box for box in boxes if box.kind == Container.Kind.GPU and box.devices]


def sold_by_site(context: Context) -> Mapping[int, Sold]:
    holding = GpuContract.objects.filter(Q(end_at=None) | Q(end_at__gt=context.now), begin_at__lte=context.now)
    rows: dict[int, list[GpuContract]] = defaultdict(list)
    for contract in holding:
        rows[contract.site_id].append(contract)
    return {
        site_id: Sold(
            sum(one.nodes for one in many), max(one.usd_per_node_h + one.penalty_usd_per_node_h for one in many)
        )
        for site_id, many in rows.items()
    }


def errors_by_site(heard: list[Seen]) -> Mapping[int, list[tuple[str, int, str]]]:
    """(container, slot, reason) of each node with an XID; only containers are asked in which something is wrong."""
    wrong = [box.container_id for seen in heard for box in gpu_boxes(seen) if box.warning or box.critical]
    found: dict[int, list[tuple[str, int, str]]] = defaultdict(list)
    if wrong:
        nodes = DeviceNow.objects.filter(device__container__in=wrong, reason__contains="XID")
        rows = nodes.order_by("device__container__code", "device__slot").values_list(
            "site_id", "device__container__code", "device__slot", "reason"
        )
        for site_id, code, slot, reason in rows:
            found[site_id].append((code, slot, reason))
    return found


def down(seen: Seen, sold: Mapping[int, Sold]) -> Iterator[Finding]:
    boxes = [box for box in gpu_boxes(seen) if box.reporting < box.devices]
    missing = sum(box.devices - box.reporting for box in boxes)
    if missing:
        nodes = sum(box.devices for box in gpu_boxes(seen))
        yield Finding(
            rule=DOWN.name, subject=f"site/{seen.site.code}", place=place_of(seen.site), value=float(missing),
            severity=CRITICAL if missing * 4 > nodes else WARNING,
            sentence=f"{missing} of {nodes} GPU nodes down in {codes(boxes)}",
            action="Look at the nodes", url=f"/sites/{seen.site.code}/{boxes[0].code}/",
            shown=Shown("site", seen.site.code, "gpu_utilisation_pct", "pct"),
            usd_why="what spare nodes would have earned is not known",
        )  # fmt: skip


def errored(seen: Seen, errors: Mapping[int, list[tuple[str, int, str]]]) -> Iterator[Finding]:
    rows = errors.get(seen.site.pk, [])
    if rows:
        box, slot, reason = rows[0]
        more = f", and {len(rows) - 1} more nodes" if len(rows) > 1 else ""
        yield Finding(
            rule=XID.name, subject=f"site/{seen.site.code}", place=place_of(seen.site), value=float(len(rows)),
            sentence=f"{box}/{slot}: {reason}{more}", action="Look at the node",
            url=f"/sites/{seen.site.code}/{box}/{slot}/",
            shown=Shown("site", seen.site.code, "gpu_utilisation_pct", "pct"), usd_why="the node still works",
        )  # fmt: skip


def at_risk(seen: Seen, sold: Mapping[int, Sold]) -> Iterator[Finding]:
    bought = sold.get(seen.site.pk)
    if bought is None or any(box.kind == Container.Kind.MIXED for box in seen.boxes):
        return  # nodes in a mixed container are not counted apart
    up = sum(box.reporting for box in (*gpu_boxes(seen), *gpus_of(seen.planned)))
    off = sum(box.devices - box.reporting for box in gpus_of(seen.planned))
    if up + off < bought.nodes:
        yield Finding(
            rule=SLA.name, subject=f"site/{seen.site.code}", place=place_of(seen.site), value=float(bought.nodes - up),
            sentence=f"{up} nodes answer, {bought.nodes} are sold by contract",
            action="Bring nodes back", url=f"/sites/{seen.site.code}/",
            shown=Shown("site", seen.site.code, "gpu_utilisation_pct", "pct"),
            usd_per_h=(bought.nodes - up) * bought.usd_per_node_h,
        )  # fmt: skip


SET: Final = RuleSet("gpus", RULES, check)
