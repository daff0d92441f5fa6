"""Keeps what meters said: each meter's last word, and its minutes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from cango_ops.base import leases
from cango_ops.base.models import Lease
from cango_ops.live.publish import publish
from sites.meters.reading import MeterReading


class Heard(NamedTuple):
    """What came of one meter. failure: in words, with no reading."""

    meter_id: int
    site_code: str
    observed_at: datetime
    reading: MeterReading | None
    failure: str = ""


NOW = """
UPDATE sites_meter AS meter
SET observed_at = new.observed_at, power_w = new.power_w, energy_wh = coalesce(new.energy_wh, meter.energy_wh),
    failing_since = NULL, failing_reason = ''
FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::float8[]) AS new (id, observed_at, power_w, energy_wh)
WHERE meter.id = new.id AND (meter.observed_at IS NULL OR meter.observed_at < new.observed_at)
"""
FAILING = """
UPDATE sites_meter AS meter
SET failing_since = coalesce(meter.failing_since, new.observed_at), failing_reason = new.reason
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS new (id, observed_at, reason)
WHERE meter.id = new.id
"""
# A reading that is already in its minute, or older than one that is, changes nothing: so a write may be done again.
MINUTES = """
INSERT INTO meter_minute AS old (meter_id, minute_at, power_w, energy_wh, readings, last_at)
SELECT id, date_trunc('minute', observed_at), power_w, energy_wh, (power_w IS NOT NULL)::int, observed_at
FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::float8[]) AS new (id, observed_at, power_w, energy_wh)
ON CONFLICT (meter_id, minute_at) DO UPDATE
SET power_w = CASE
        WHEN excluded.power_w IS NULL THEN old.power_w
        WHEN old.power_w IS NULL THEN excluded.power_w
        ELSE (old.power_w * old.readings + excluded.power_w) / (old.readings + 1)
    END,
    energy_wh = coalesce(excluded.energy_wh, old.energy_wh),
    readings = old.readings + excluded.readings,
    last_at = excluded.last_at
WHERE excluded.last_at > old.last_at
"""


def save(heard: Sequence[Heard], lease: Lease | None = None) -> None:
    """One transaction. Raises LeaseLost, having written nothing, where the lease is not ours any more."""
    if not heard:
        return
    said = [each for each in heard if each.reading is not None]
    failing = [each for each in heard if each.reading is None]
    with transaction.atomic(), connection.cursor() as cursor:
        if lease is not None:
            leases.hold(lease)
        if said:
            values = columns(said)
            cursor.execute(NOW, values)
            cursor.execute(MINUTES, values)
        if failing:
            ids, times = [each.meter_id for each in failing], [each.observed_at for each in failing]
            cursor.execute(FAILING, [ids, times, [each.failure[:100] for each in failing]])
        publish("fleet", *{f"site/{each.site_code}" for each in heard})


def columns(said: Sequence[Heard]) -> list[list[object]]:
    readings = [each.reading or MeterReading() for each in said]
    return [
        [each.meter_id for each in said],
        [each.observed_at for each in said],
        [reading.power_w for reading in readings],
        [reading.energy_wh for reading in readings],
    ]
