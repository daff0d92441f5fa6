"""Knows again which machine stands in a place, and notes when another one does.

What a machine says of itself when first heard in a place becomes the place's serial number and MAC. When the place says
another serial later (or, where no serial is said, another MAC that nobody else shows), another machine stands there:
its history begins then, and the change goes on record. A place that says nothing is not judged.
"""

from datetime import datetime

from django.db import connection, transaction

from cango_ops.base import audit, jobs
from compute.models import Device

FIRST = """
UPDATE compute_device AS device
SET serial = CASE WHEN device.serial = '' THEN now.serial ELSE device.serial END,
    mac = CASE WHEN device.mac = '' THEN now.mac ELSE device.mac END
FROM compute_devicenow AS now
WHERE now.device_id = device.id
  AND ((device.serial = '' AND now.serial <> '') OR (device.mac = '' AND now.mac <> ''))
  AND NOT (device.serial <> '' AND now.serial <> '' AND upper(device.serial) <> upper(now.serial))
  AND NOT (device.mac <> '' AND now.mac <> '' AND upper(device.mac) <> upper(now.mac))
"""
SWAPPED = """
SELECT device.id, device.serial, device.mac, now.serial, now.mac, clock_timestamp()
FROM compute_device AS device JOIN compute_devicenow AS now ON now.device_id = device.id
WHERE (device.serial <> '' AND now.serial <> '' AND upper(device.serial) <> upper(now.serial))
   OR ((device.serial = '' OR now.serial = '') AND device.mac <> '' AND now.mac <> ''
       AND upper(device.mac) <> upper(now.mac)
       AND NOT EXISTS (SELECT FROM compute_devicenow AS twin
                       WHERE upper(twin.mac) = upper(now.mac) AND twin.device_id <> device.id))
ORDER BY device.id LIMIT 500
"""


def note() -> int:
    """How many swaps were noted; twice does no harm."""
    with jobs.run("compute.note_swaps") as job:
        with connection.cursor() as cursor:
            cursor.execute(FIRST)
            job.count(first_heard=cursor.rowcount)
            cursor.execute(SWAPPED)
            rows = cursor.fetchall()
        noted = sum(note_one(*row) for row in rows)
        job.count(swapped=noted)
    return noted


@transaction.atomic
def note_one(device_id: int, serial: str, mac: str, new_serial: str, new_mac: str, at: datetime) -> bool:
    """False where somebody was first."""
    still = Device.objects.filter(pk=device_id, serial=serial, mac=mac)
    if still.update(serial=new_serial, mac=new_mac, standing_since=at) != 1:
        return False
    device = Device.objects.select_related("container__site").get(pk=device_id)
    came_from = Device.objects.exclude(pk=device_id).exclude(serial="").filter(serial__iexact=new_serial).first()
    audit.record(
        "collector", "swap", f"device/{device.container.site.code}/{device.container.code}/{device.slot}",
        {"was": {"serial": serial, "mac": mac}, "is": {"serial": new_serial, "mac": new_mac},
         "stood_at": str(came_from) if new_serial and came_from else None},
    )  # fmt: skip
    return True
