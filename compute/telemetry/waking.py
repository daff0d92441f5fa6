"""Machines that were told to wake a short while ago: for their warm-up nothing is held against what they do not do yet.

Stock Antminers, Braiins and Whatsminers restart their miner when they wake, say nothing or 0 TH/s meanwhile, and climb
for minutes; of that a site is not in need. Whatever an order of a machine was, its newest one counts.
"""

from collections.abc import Mapping
from typing import Final

from compute.models import Command, Verb
from compute.telemetry.database import Statements

# The slowest by their makers' documents climb for seven minutes (Whatsminers without fast boot).
WARM_UP_S: Final = 600.0
# Orders of a site that may have been sent so lately, newest first.
MOST_ORDERS: Final = 500
C = Command.State
TOLD: Final = """
SELECT DISTINCT ON (command.device_id)
    command.device_id, placed.verb, command.state, extract(epoch FROM command.sent_at)::float8
FROM (SELECT id, verb, not_after FROM compute_order WHERE site_id = %s ORDER BY id DESC LIMIT %s) AS placed
JOIN compute_command AS command ON command.order_id = placed.id
WHERE placed.verb = ANY(%s) AND placed.not_after >= to_timestamp(%s) AND command.sent_at >= to_timestamp(%s)
    AND command.device_id IS NOT NULL
ORDER BY command.device_id, command.sent_at DESC
"""
Told = Mapping[int, float]


def told_to_wake(sql: Statements, site_id: int, now: float) -> Told:
    """When (unix seconds) each machine of the site that is still within its warm-up was told to wake."""
    since = now - WARM_UP_S
    rows = sql.rows(TOLD, [site_id, MOST_ORDERS, [Verb.SLEEP.value, Verb.WAKE.value], since, since])
    return {device: at for device, verb, state, at in rows if verb == Verb.WAKE and state != C.FAILED}


def is_warming(told: Told, device_id: int, at: float) -> bool:
    return 0 <= at - told.get(device_id, float("-inf")) < WARM_UP_S
