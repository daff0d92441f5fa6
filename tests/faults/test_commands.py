"""Orders on a whole console while its parts are killed: the estate's journal holds each command once at most."""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.compute.commands.estate import WRITES
from tests.faults.console import Console, until

pytestmark = pytest.mark.faults

ORDER = """
import uuid
from cango_ops.base.models import User
from compute.commands.approve import approve
from compute.commands.request import Wanted, request
from compute.models import Device, Order
from sites.models import Site
people = {{who: User.objects.get(email=f"{{who}}@cango.example") for who in ("operator", "manager")}}
site = Site.objects.get(code="{site}")
ids = tuple(Device.objects.filter(site=site, is_gpu=False).exclude(now__state="critical").values_list("pk", flat=True))
order = request(Wanted(uuid.uuid4(), site, "sleep", ids, "test", wave_size=1), people["operator"])
Order.objects.update(wave_gap_s={gap_s})
print("order", approve(order, people["manager"]).pk)
"""
DOUBLED = """
from cango_ops.celery import app
from compute.tasks import send_commands, confirm_commands, expire_commands
for turn in range(20):
    send_commands.apply_async(queue="commands")
    send_commands.apply_async(queue="commands", countdown=turn)
    confirm_commands.apply_async(queue="default")
    expire_commands.apply_async(queue="default", countdown=turn)
"""
HOLD = """
import time, uuid
from cango_ops.base.models import User
from compute.commands import hold
from sites.models import Site
hold.press(uuid.uuid4(), User.objects.get(email="operator@cango.example"), site=Site.objects.get(code="{site}"))
print("held", time.time())
"""


def ordered(console: Console, site: str, gap_s: float = 0.8) -> int:
    """Every miner of the site, one after the other: some ten seconds in which something can go wrong."""
    return int(console.manage("shell", "-v", "0", "-c", ORDER.format(site=site, gap_s=gap_s)).split("order")[-1])


def journal(console: Console, since: float = 0.0) -> list[dict]:
    path: Path = console.folder / "estate" / "journal.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [row for row in rows if row["command"] in WRITES and row["at"] >= since]


def counts(console: Console, order: int) -> dict[str, int]:
    status, said = console.get(f"/api/v1/commands/{order}/")
    return said["by_state"] if status == 200 else {}


def has_ended(console: Console, order: int) -> bool:
    by_state = counts(console, order)
    return bool(by_state) and not set(by_state) & {"requested", "approved", "claimed", "sent"}


def judge(console: Console, order: int, since: float) -> None:
    """Each machine was told once at most; whoever acknowledged was told; nobody who was told counts as never sent."""
    site = console.get(f"/api/v1/commands/{order}/")[1]["site"]
    here = {row["address"] for row in console.get(f"/api/v1/devices/?site={site}&limit=200")[1]["results"]}
    told = Counter(row["address"] for row in journal(console, since) if row["address"] in here)
    assert set(told.values()) <= {1}, [row for row in told.items() if row[1] > 1]
    by_state = counts(console, order)
    obeyed = sum(by_state.get(state, 0) for state in ("acknowledged", "confirmed"))
    assert obeyed <= len(told) <= obeyed + by_state.get("unknown", 0) + by_state.get("failed", 0)
    print(f"{sum(by_state.values())} machines: {by_state}; {len(told)} told, none twice")


def sent_in_the_end(console: Console, order: int) -> None:
    took_s = until(150, lambda: has_ended(console, order), lambda: counts(console, order))
    print(f"all sent {took_s:.0f} s later")


def test_the_sender_is_killed_again_and_again(console):
    since = time.time()
    order = ordered(console, "MACON")
    for _ in range(3):
        time.sleep(2)
        console.kill("worker --queues=commands")
    sent_in_the_end(console, order)
    judge(console, order, since)


def test_tasks_are_doubled_and_delayed_and_redis_is_killed(console):
    since = time.time()
    order = ordered(console, "SALALAH")
    console.manage("shell", "-v", "0", "-c", DOUBLED)
    os.kill(console.redis_process(), signal.SIGKILL)
    sent_in_the_end(console, order)
    judge(console, order, since)


def test_postgresql_is_restarted_in_the_middle(console, database):
    since = time.time()
    order = ordered(console, "ODESSA")
    until(30, lambda: bool(journal(console, since)))
    database.stop()
    time.sleep(3)
    database.start()
    sent_in_the_end(console, order)
    judge(console, order, since)


def test_a_hold_stops_everything_within_two_seconds_with_redis_away(console):
    until(60, console.is_right, console.sites_live)
    since, redis = time.time(), console.redis_process()
    order = ordered(console, "KEARNEY", gap_s=5)  # a slow machine takes long to start the process that holds
    until(30, lambda: bool(journal(console, since)))
    os.kill(redis, signal.SIGSTOP)
    try:
        held_at = float(console.manage("shell", "-v", "0", "-c", HOLD.format(site="KEARNEY")).split("held")[-1])
        time.sleep(5)
    finally:
        os.kill(redis, signal.SIGCONT)
    late_s = max((row["at"] - held_at for row in journal(console, held_at)), default=0.0)
    print(f"last byte {late_s:.2f} s after the hold")
    assert late_s <= 2
    assert counts(console, order).get("approved", 0) > 0
