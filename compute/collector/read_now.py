"""Reads machines at once because somebody asks for it, however long they have been silent."""

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import QuerySet

from cango_ops.base import jobs
from compute.collector import memory, plan, targets
from compute.collector.backoff import Memory
from compute.collector.sweep import Report, Stop, ask, never
from compute.models import Device
from sites.models import Site


def read_site(code: str, stop: Stop = never) -> Report:
    """Every machine of a site. Raises Site.DoesNotExist."""
    return read_now(Device.objects.filter(site=Site.objects.get(code=code)), f"compute.read_now/{code}", stop)


def read_devices(device_ids: Collection[int], stop: Stop = never) -> Report:
    return read_now(Device.objects.filter(pk__in=device_ids), "compute.read_now", stop)


def read_now(devices: QuerySet[Device], name: str, stop: Stop = never) -> Report:
    with jobs.run(name) as job:
        everybody = targets.read(devices)
        if everybody.containers:
            ask(plan.whole(everybody.containers), everybody, Memory({}), None, job, stop)
            _wake(devices)
        else:
            job.skip("no machine there that can be asked")
            job.note(left_out=dict(everybody.left_out))
    return {"outcome": str(job.outcome), **job.detail}


def _wake(devices: QuerySet[Device]) -> None:
    """The sweeps of their slots notice too whether they answer."""
    for slot, device_ids in _by_slot(devices.values_list("site__collector_slot", "pk")).items():
        memory.wake(slot % settings.COLLECTOR_SLOTS, device_ids)


def _by_slot(rows: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for slot, device_id in rows:
        found.setdefault(slot, []).append(device_id)
    return found
