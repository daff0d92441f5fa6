"""What an order would do before anybody asks for it: machine by machine, with the kilowatts it promises."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings

from cango_ops.base import clock
from cango_ops.units import W_PER_MW
from compute.commands.promise import Machine, Promise, promise
from compute.commands.states import FINAL
from compute.models import Command, Device, NetworkReading, Verb
from compute.protocols.orders import verbs_of
from compute.telemetry import queries, verdict
from compute.telemetry.answers import Cell
from sites.metering import queries as metering
from sites.models import Site
from sites.models.contract import contract_at
from sites.prices.queries import price_now

HOURS_A_DAY: Final = 24
CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """One machine that takes part."""

    device: Device
    promise: Promise


@dataclass(frozen=True)
class Preview:
    """skipped: machines left out, by reason.   risk_usd: what the hours may cost, None where nobody can say."""

    verb: str
    limit_w: int | None
    lines: tuple[Line, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    meter_w: float | None = None
    risk_usd: Decimal | None = None

    @property
    def promised_w(self) -> float:
        return sum(line.promise.less_w for line in self.lines)

    @property
    def change_w(self) -> float:
        """The change of power without its sign: what the policy's limits are about."""
        return abs(self.promised_w)

    @property
    def measured(self) -> int:
        """How many of the machines measure what they draw."""
        return sum(line.promise.is_measured for line in self.lines)


def preview(
    site: Site, verb: str, device_ids: Collection[int], limit_w: int | None = None, hours: float | None = None
) -> Preview:
    """Of machines of the site alone; others are not there."""
    now = clock.now()
    devices = list(
        Device.objects.filter(site=site, pk__in=device_ids).select_related("container").order_by("container", "slot")
    )
    found = cells(devices)
    busy = set(Command.objects.filter(device__in=devices).exclude(state__in=FINAL).values_list("device_id", flat=True))
    lines, skipped = [], Counter[str]()
    for device in devices:
        said = promise(verb, limit_w, machine_of(device, found.get(device.pk), now, has_open=device.pk in busy))
        if isinstance(said, Promise):
            lines.append(Line(device, said))
        else:
            skipped[said] += 1
    meter_w = metering.power_now([site.pk])[site.pk].power_w
    return Preview(verb, limit_w, tuple(lines), dict(skipped), meter_w, risk(site, verb, lines, hours))


def cells(devices: Collection[Device]) -> dict[int, Cell]:
    """By device, container by container."""
    boxes = {device.container_id for device in devices}
    return {cell.device_id: cell for box in boxes for cell in queries.cells(box)}


def machine_of(device: Device, cell: Cell | None, now: datetime, *, has_open: bool) -> Machine:
    if cell is None:
        cell = Cell(
            device_id=device.pk, slot=device.slot, kind="gpu" if device.is_gpu else "asic", address=device.address,
            model=device.model, state="unknown", reason="", since=None, observed_at=None,
        )  # fmt: skip
    oldest = now - timedelta(seconds=verdict.stale_after_s(settings.SWEEP_S))
    is_fresh = cell.observed_at is not None and cell.observed_at >= oldest
    verbs = verbs_of(device.language)
    return Machine(cell, verbs, device.nameplate_w, device.nameplate_ths, is_fresh=is_fresh, has_open=has_open)


def risk(site: Site, verb: str, lines: Collection[Line], hours: float | None) -> Decimal | None:
    """What is given up by less hashrate, or spent on more power, over the hours. GPUs have no price here yet."""
    if hours is None or any(line.device.is_gpu for line in lines):
        return None
    less_w = sum(line.promise.less_w for line in lines)
    if verb == Verb.WAKE or less_w < 0:
        return energy_usd(site, -less_w / W_PER_MW * hours)
    latest = NetworkReading.objects.order_by("-observed_at").first()
    if latest is None:
        return None
    phs = max(0.0, sum(line.promise.less_ths for line in lines) / 1000)
    return Decimal(str(phs * latest.hashprice_usd_per_ph_day * hours / HOURS_A_DAY)).quantize(CENT)


def energy_usd(site: Site, mwh: float) -> Decimal | None:
    """What the energy costs at the price of now, nothing below zero; None where that is not known."""
    now = clock.now()
    contract = contract_at(site, now)
    price = price_now(contract, now).usd_per_mwh if contract is not None else None
    return None if price is None else (max(price, Decimal(0)) * Decimal(str(mwh))).quantize(CENT)
