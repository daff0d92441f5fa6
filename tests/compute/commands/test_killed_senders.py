"""A sender killed at each step of a command's way: no machine is ever told twice, and none is forgotten."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease
from compute.commands import confirm, sending
from compute.models import Command
from tests.base.threads import in_threads
from tests.compute.commands.senders import ordered
from tests.compute.commands.worlds import say, states

pytestmark = pytest.mark.django_db(transaction=True)
CHECKOUT = Path(__file__).resolve().parents[3]


def run_and_die(estate, point: str) -> None:
    """In a process of its own, on the test's database."""
    database = os.environ["CANGO_DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    moved = ",".join(f"{usual}:{there}" for usual, there in estate.moved.items())
    done = subprocess.run(
        [sys.executable, "-m", "tests.compute.commands.dying_sender", point],
        cwd=CHECKOUT, timeout=60, capture_output=True, text=True,
        env=os.environ | {
            "CANGO_DATABASE_URL": database, "CANGO_MOVED_PORTS": moved, "DJANGO_SETTINGS_MODULE": "cango_ops.settings",
        },
    )  # fmt: skip
    assert done.returncode == -9, done.stderr
    # What waiting fifteen seconds would do.
    Lease.objects.update(expires_at=database_now())


@pytest.mark.parametrize(
    ("point", "states_after"),
    [
        ("after-claim", {"acknowledged"}),
        ("before-mark_sent", {"acknowledged"}),
        ("after-mark_sent", {"unknown", "acknowledged"}),
        ("wire", {"unknown", "acknowledged"}),
        ("before-write_ends", {"unknown", "acknowledged"}),
        ("after-write_ends", {"unknown", "acknowledged"}),
    ],
)
def test_a_sender_killed_anywhere_tells_no_machine_twice(pecos, estate, point, states_after):
    devices = estate.put(pecos.c1, 4, ("braiins", "whatsminer_v2"))
    say(devices)
    order = ordered(pecos, devices)

    run_and_die(estate, point)
    in_threads(3, lambda: sending.send_commands(linger_s=0.3))

    assert set(states(order)) <= states_after
    assert max(estate.writes().values(), default=0) <= 1
    reached = set(estate.writes())
    # Whoever was told nothing is not said to have obeyed, and whoever is said to wait or to have failed was not told.
    assert {command.device.address for command in order.commands.filter(state="acknowledged")} <= reached

    Command.objects.update(confirm_by=database_now(), sent_at="2026-01-01T00:00Z")
    say([device for device in devices if device.address in reached], asleep=True)
    confirm.confirm_commands()
    ended = {command.device.address: command.state for command in order.commands.all()}
    assert ended == {device.address: "confirmed" if device.address in reached else "failed" for device in devices}
    assert audit.verify().wrong is None
