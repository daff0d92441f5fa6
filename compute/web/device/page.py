"""What the page of one machine shows, read once and ready to print."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cango_ops.base import clock, crumbs
from cango_ops.units import efficiency_jth
from compute.models import Device
from compute.protocols import catalog
from compute.telemetry import queries
from compute.telemetry.answers import Last
from compute.web.device.fields import Field, fields
from compute.web.freshness import is_fresh, live_until, stale_after_s


@dataclass(frozen=True)
class Figures:
    """What stands on top, of a live machine alone. of_nameplate: its hashrate; limit_c: of its chips, by its maker."""

    hashrate_ths: float | None
    of_nameplate: float | None
    power_w: float | None
    efficiency_jth: float | None
    temp_c: float | None
    limit_c: float | None
    rejected_ratio: float | None
    utilisation_pct: float | None
    tokens_total: float | None
    requests_running: float | None
    gpus_reporting: float | None
    uptime_s: float | None


@dataclass(frozen=True)
class DevicePage:
    """title: the answer in one line. boards, pools, errors, gpus: of the last inspection, as the machine said them.

    before, after: the slots of its neighbours.
    """

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    device: Device
    last: Last
    is_live: bool
    live_until: datetime | None
    figures: Figures
    fields: tuple[Field, ...]
    fans_rpm: list[int]
    boards: list[Mapping[str, Any]]
    pools: list[Mapping[str, Any]]
    errors: list[Mapping[str, Any]]
    gpus: list[Mapping[str, Any]]
    notes: list[str]
    before: int | None
    after: int | None
    may_read: bool
    as_of: datetime
    stale_after_s: int


def device_page(device: Device, *, may_read: bool) -> DevicePage:
    """The page of a machine that the person may see."""
    now = clock.now()
    last = queries.last(device.pk)
    said = last.reading or {}
    live = is_fresh(last.observed_at, now)
    before, after = neighbours(device)
    return DevicePage(
        title=answer(device, last),
        crumbs=where(device),
        device=device,
        last=last,
        is_live=live,
        live_until=live_until(last.observed_at) if live else None,
        figures=figures(device, last, live=live),
        fields=tuple(fields(last, device.nameplate_ths, device.nameplate_w)),
        fans_rpm=said.get("fans_rpm") or [],
        boards=said.get("boards") or [],
        pools=said.get("pools") or [],
        errors=said.get("errors") or [],
        gpus=said.get("gpus") or [],
        notes=said.get("notes") or [],
        before=before,
        after=after,
        may_read=may_read,
        as_of=now,
        stale_after_s=stale_after_s(),
    )


def figures(device: Device, last: Last, *, live: bool) -> Figures:
    sample = last.sample if live else {}
    model = last.identity.get("model_reported") or device.model
    known = catalog.find(model) if model else None
    hashrate = sample.get("hashrate_ths")
    hottest = [sample.get(name) for name in ("chip_temp_c", "gpu_temp_c", "board_temp_c")]
    return Figures(
        hashrate_ths=hashrate,
        of_nameplate=share(hashrate, device.nameplate_ths),
        power_w=sample.get("power_w"),
        efficiency_jth=efficiency_jth(sample.get("power_w"), hashrate),
        temp_c=next((temp for temp in hottest if temp is not None), None),
        limit_c=known.max_chip_temperature_c if known else None,
        rejected_ratio=rejected_of(sample, (last.reading or {}).get("pools") or []) if live else None,
        utilisation_pct=sample.get("utilisation_pct"),
        tokens_total=sample.get("tokens_total"),
        requests_running=sample.get("requests_running"),
        gpus_reporting=sample.get("gpus_reporting"),
        uptime_s=sample.get("uptime_s"),
    )


def share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def rejected_of(sample: Mapping[str, float | None], pools: Sequence[Mapping[str, Any]]) -> float | None:
    """Of all shares that pools answered since the machine started; by its pools where its poll does not say."""
    accepted, rejected = sample.get("accepted"), sample.get("rejected")
    if accepted is None or rejected is None:
        accepted, rejected = summed(pools, "accepted"), summed(pools, "rejected")
    return share(rejected, accepted + rejected) if accepted is not None and rejected is not None else None


def summed(pools: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [pool[name] for pool in pools if pool.get(name) is not None]
    return sum(known) if known else None


def neighbours(device: Device) -> tuple[int | None, int | None]:
    slots = list(Device.objects.filter(container=device.container_id).order_by("slot").values_list("slot", flat=True))
    place = slots.index(device.slot)
    return slots[place - 1] if place else None, slots[place + 1] if place + 1 < len(slots) else None


def where(device: Device) -> tuple[crumbs.Crumb, ...]:
    site, container = device.site, device.container
    return (
        crumbs.COMPANY,
        crumbs.region(site.region.code, site.region.name),
        crumbs.site(site.code, site.name),
        crumbs.container(site.code, container.code),
        crumbs.device(site.code, container.code, device.slot),
    )


def answer(device: Device, last: Last) -> str:
    """Which machine, and what is the matter with it."""
    what = last.identity.get("model_reported") or device.model or "Machine"
    reason = f": {last.reason}" if last.reason else f" {last.state}"
    return f"{what} at {device.address}{reason}"
