"""Knows again which machine stands in a place, and notes when another one does.

What a machine says of itself when first heard in a place becomes the place's serial number and MAC. When the place says
another serial later (or, where no serial is said, another MAC that nobody else shows), another machine stands there:
its history begins then, and the change goes on record. A place that says nothing is not judged.
"""

from collections.abc import Iterator
from time import monotonic
from typing import Final, NamedTuple

from django.db import connection, transaction

from cango_ops.base import audit, jobs
from compute.models import Device

# So many at a time and so long in all: what is left over is for the next minute.
BATCH: Final = 1_000
BUDGET_S: Final = 10.0

# One look through all places; nearly always nothing differs.
DIFFERS: Final = """
SELECT device.id FROM compute_device AS device JOIN compute_devicenow AS now ON now.device_id = device.id
WHERE (now.serial <> '' AND now.serial <> device.serial) OR (now.mac <> '' AND now.mac <> device.mac)
ORDER BY device.id
"""
FIRST: Final = """
UPDATE compute_device AS device
SET serial = CASE WHEN device.serial = '' THEN now.serial ELSE device.serial END,
    mac = CASE WHEN device.mac = '' THEN now.mac ELSE device.mac END
FROM compute_devicenow AS now
WHERE device.id = ANY(%s) AND now.device_id = device.id
  AND ((device.serial = '' AND now.serial <> '') OR (device.mac = '' AND now.mac <> ''))
  AND NOT (device.serial <> '' AND now.serial <> '' AND upper(device.serial) <> upper(now.serial))
  AND NOT (device.mac <> '' AND now.mac <> '' AND upper(device.mac) <> upper(now.mac))
"""
SWAPPED: Final = """
WITH seen AS (
    SELECT device.id, device.serial, device.mac, now.serial AS new_serial, now.mac AS new_mac
    FROM compute_device AS device JOIN compute_devicenow AS now ON now.device_id = device.id
    WHERE device.id = ANY(%s)
      AND ((device.serial <> '' AND now.serial <> '' AND upper(device.serial) <> upper(now.serial))
           OR ((device.serial = '' OR now.serial = '') AND device.mac <> '' AND now.mac <> ''
               AND upper(device.mac) <> upper(now.mac)
               AND NOT EXISTS (SELECT FROM compute_devicenow AS twin
                               WHERE upper(twin.mac) = upper(now.mac) AND twin.device_id <> device.id)))
    ORDER BY device.id FOR UPDATE OF device SKIP LOCKED)
UPDATE compute_device AS device
SET serial = seen.new_serial, mac = seen.new_mac, standing_since = clock_timestamp()
FROM seen WHERE device.id = seen.id
RETURNING device.id, seen.serial, seen.mac, seen.new_serial, seen.new_mac
"""
STAND: Final = """
SELECT upper(device.serial), device.id FROM compute_device AS device
WHERE device.serial <> '' AND upper(device.serial) = ANY(%s)
"""


class Swap(NamedTuple):
    """One place, and who stood and stands there."""

    device_id: int
    serial: str
    mac: str
    new_serial: str
    new_mac: str


def note() -> int:
    """How many swaps were noted; twice does no harm."""
    until, first, swapped = monotonic() + BUDGET_S, 0, 0
    with jobs.run("compute.note_swaps") as job:
        for ids in batched(differing(), BATCH):
            first += take_first(ids)
            swapped += note_some(ids)
            if monotonic() > until:
                break
        job.count(first_heard=first, swapped=swapped)
    return swapped


def differing() -> list[int]:
    """The places whose machine says another identity than they know, or one where they know none."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERS)
        return [pk for (pk,) in cursor.fetchall()]


def batched(ids: list[int], size: int) -> Iterator[list[int]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))


def take_first(ids: list[int]) -> int:
    """How many places were given what their machine said first."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [ids])
        return int(cursor.rowcount)


@transaction.atomic
def note_some(ids: list[int]) -> int:
    """How many places were given another machine; each is on record in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(SWAPPED, [ids])
        swapped = [Swap(*row) for row in cursor.fetchall()]
        if not swapped:
            return 0
        cursor.execute(STAND, [[one.new_serial.upper() for one in swapped if one.new_serial]])
        elsewhere = cursor.fetchall()
    stood = [*elsewhere, *((one.serial.upper(), one.device_id) for one in swapped if one.serial)]
    there = {device_id for _, device_id in stood} | {one.device_id for one in swapped}
    devices = Device.objects.select_related("container__site").in_bulk(there)
    for one in swapped:
        before = [pk for serial, pk in stood if serial == one.new_serial.upper() and pk != one.device_id]
        put_on_record(one, devices[one.device_id], devices[before[0]] if one.new_serial and before else None)
    return len(swapped)


def put_on_record(one: Swap, device: Device, came_from: Device | None) -> None:
    audit.record(
        "collector", "swap", f"device/{device.container.site.code}/{device.container.code}/{device.slot}",
        {"was": {"serial": one.serial, "mac": one.mac}, "is": {"serial": one.new_serial, "mac": one.new_mac},
         "stood_at": str(came_from) if came_from else None},
    )  # fmt: skip
