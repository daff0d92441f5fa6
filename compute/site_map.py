"""Writes the map of machines: which containers a site has and what stands in each place of them.

The map says where a machine is and how it is asked; what it is and does, it must say itself. A machine that leaves the
map is no longer asked. A row is a place: whatever stands there keeps it, and another machine than before begins its own
history there (`standing_since`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from compute.models import Container, Device, DeviceNow
from compute.protocols import catalog
from sites.models import Site

BATCH_ROWS = 5_000
NAMEPLATE = ["model", "is_gpu", "nameplate_ths", "nameplate_w", "gpus"]
WRITTEN = ["address", "port", "language", "serial", "mac", "standing_since", *NAMEPLATE]
# Words that stand, or may come to stand, where a container's code stands in the addresses of a site's pages.
WORDS = """
alerts api backtest chart commands contract contracts credentials curtailment decisions export feeds forecast
gpu-contracts history live map meters network outages panel plan pools power prices programmes reports scan settings
storage switching tariff
uptime
"""
RESERVED = frozenset(WORDS.split())
GPUS_PER_NODE = 8
GPU_LANGUAGES = frozenset({"gpu_node", "dcgm", "vllm", "nvidia_gpu_exporter"})


@dataclass(frozen=True)
class PlannedDevice:
    """One line of the map."""

    slot: int
    address: str
    port: int
    language: str
    model: str
    serial: str = ""
    mac: str = ""


@dataclass(frozen=True)
class PlannedContainer:
    """A box and what stands in it."""

    code: str
    kind: str
    rows: int
    columns: int
    devices: Sequence[PlannedDevice]


@dataclass(frozen=True)
class Difference:
    """How many machines of a site a map added, changed and took out."""

    added: int
    changed: int
    removed: int


@transaction.atomic
def write_containers(site: Site, plans: Sequence[PlannedContainer]) -> Difference:
    """Makes the site's containers and devices equal to the plans, in one transaction. Raises ValueError."""
    for plan in plans:
        if plan.code.lower() in RESERVED:
            raise ValueError(f"{plan.code} is a word of the console; name the container otherwise")
    gone = Container.objects.filter(site=site).exclude(code__in=[plan.code for plan in plans])
    removed = _remove(Device.objects.filter(container__in=gone))
    gone.delete()
    parts = [_write_container(site, plan) for plan in plans]
    return Difference(
        added=sum(part.added for part in parts),
        changed=sum(part.changed for part in parts),
        removed=removed + sum(part.removed for part in parts),
    )


def _write_container(site: Site, plan: PlannedContainer) -> Difference:
    shape = {"kind": plan.kind, "rows": plan.rows, "columns": plan.columns}
    container, is_new = Container.objects.update_or_create(site=site, code=plan.code, defaults=shape)
    standing = {device.slot: device for device in container.devices.all()}
    wanted = {line.slot: line for line in plan.devices}
    removed = _remove(container.devices.exclude(slot__in=wanted))
    changed = [(standing[slot], line) for slot, line in wanted.items() if _differs(standing.get(slot), line)]
    since = None if is_new else timezone.now()  # whatever stood in an empty place before was another machine
    fresh = [line for slot, line in wanted.items() if slot not in standing]
    added = [as_planned(Device(site=site, container=container, standing_since=since), line) for line in fresh]
    rewrite(changed)
    add(added)
    return Difference(len(added), len(changed), removed)


def _differs(device: Device | None, line: PlannedDevice) -> bool:
    if device is None:
        return False
    names = ["address", "port", "language", "model", *(name for name in ("serial", "mac") if getattr(line, name))]
    return any(getattr(device, name) != getattr(line, name) for name in names)


def is_another(device: Device, line: PlannedDevice) -> bool:
    """Whether the line names another machine than the one that stands in the place."""
    if line.serial and device.serial:
        return line.serial != device.serial
    if line.mac and device.mac and line.mac != device.mac:
        return True
    return (device.language, device.model) != (line.language, line.model)


def as_planned(device: Device, line: PlannedDevice) -> Device:
    """The row with the line's place, address and identity, and the nameplate of the line's model."""
    another = device.pk is not None and is_another(device, line)
    if another:
        device.standing_since = timezone.now()
    device.serial = line.serial if another else line.serial or device.serial
    device.mac = line.mac if another else line.mac or device.mac
    model = catalog.find(line.model) if line.model else None
    device.slot, device.address, device.port = line.slot, line.address, line.port
    device.language, device.model = line.language, line.model
    device.is_gpu = line.language in GPU_LANGUAGES
    device.nameplate_ths = model.nameplate_ths if model else None
    device.gpus = GPUS_PER_NODE if device.is_gpu else 0
    device.nameplate_w = model.power_w * max(1, device.gpus) if model else None
    return device


def rewrite(pairs: Sequence[tuple[Device, PlannedDevice]]) -> None:
    """Gives places new lines. Of a machine that left its place, nothing that it said is kept for the next one."""
    left = [device.pk for device, line in pairs if is_another(device, line)]
    Device.objects.bulk_update([as_planned(*pair) for pair in pairs], WRITTEN, batch_size=BATCH_ROWS)
    DeviceNow.objects.filter(device__in=left).update(vendor="", model_reported="", firmware="", mac="", serial="")


def _remove(devices: QuerySet[Device]) -> int:
    _, by_model = devices.delete()
    return by_model.get(Device._meta.label, 0)


def add(devices: Iterable[Device]) -> None:
    """Machines in places that were empty, each with a current row that says it was never polled."""
    made = Device.objects.bulk_create(devices, batch_size=BATCH_ROWS)
    DeviceNow.objects.bulk_create(
        (DeviceNow(device=device, site_id=device.site_id) for device in made), batch_size=BATCH_ROWS
    )
