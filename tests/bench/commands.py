"""How many commands a second one sender gets to machines of every language, and how soon a hold stops it.

    python -m tests.bench.commands [--devices 6200] [--holds 10]

A PostgreSQL of its own (with fsync, as `make up` does) and the simulated estate in a process of its own, whose journal
says when each command arrived. Machines that hang, drip or are off are among them, as in the estate.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.telemetry_write import database
from tests.faults.console import free_shift


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=6200)
    parser.add_argument("--holds", type=int, default=10)
    wanted = parser.parse_args()
    shift = free_shift()
    with tempfile.TemporaryDirectory() as folder, database():
        os.environ |= {"DJANGO_SETTINGS_MODULE": "cango_ops.settings", "CANGO_MOVED_PORTS": moved(shift)}
        words = ["--devices", str(wanted.devices), "--port-shift", str(shift)]
        estate = subprocess.Popen([sys.executable, "-m", "cango_ops.estate", *words, "--run-dir", folder])
        try:
            prepare(words)
            measure(Path(folder) / "journal.jsonl", wanted.holds)
        finally:
            estate.terminate()
            estate.wait()


def moved(shift: int) -> str:
    from cango_ops.estate.layout import MOVED_PORTS

    return ",".join(f"{usual}:{there + shift}" for usual, there in MOVED_PORTS.items())


def prepare(words: list[str]) -> None:
    """Sites, logins and people, and every machine heard a moment ago."""
    import django

    django.setup()
    from django.core.management import call_command

    for command, *more in (("migrate",), ("seed_estate", *words), ("seed_demo",)):
        call_command(command, *more, verbosity=0)
    hear()


def hear() -> None:
    from compute.models import Device
    from tests.compute.commands.worlds import say

    say(list(Device.objects.filter(is_gpu=False)))


def order(site: Any, **more: Any) -> Any:
    from cango_ops.base.models import User
    from compute.commands.approve import approve
    from compute.commands.request import Wanted, request
    from compute.models import Device

    ids = tuple(Device.objects.filter(site=site, is_gpu=False).values_list("pk", flat=True))
    asks, judges = (User.objects.get(email=f"{who}@cango.example") for who in ("operator", "manager"))
    return approve(request(Wanted(uuid.uuid4(), site, "sleep", ids, "bench", **more), asks), judges)


def measure(journal: Path, holds: int) -> None:
    from django.db.models import Count

    from compute.commands import sending
    from compute.models import Command
    from sites.models import Site

    sites = list(Site.objects.annotate(count=Count("devices")).order_by("-count"))
    kept, many = sites[:holds], sites[holds:]
    began = time.perf_counter()
    for site in many:
        order(site)
    asked_s, commands = time.perf_counter() - began, Command.objects.count()
    wall, cpu = time.perf_counter(), time.process_time()
    while Command.objects.filter(state__in=("approved", "claimed", "sent")).exists():
        sending.send_commands(linger_s=0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    states = dict(Command.objects.values_list("state").annotate(count=Count("pk")))
    print(f"{commands} commands of {len(many)} orders asked for and approved in {asked_s:.1f} s")
    rate, cost = commands / wall, 1000 * cpu / commands
    print(f"sent and answered in {wall:.1f} s: {rate:.0f} a second, {cost:.2f} CPU-s per 1,000; {states}")
    print(f"acknowledged: {acknowledged_per_s():.0f} a second from the tenth to the ninetieth hundredth")
    late = [hold_s(site, journal) for site in kept]
    print(f"last command after a hold: median {median(late):.2f} s, longest {max(late):.2f} s, of {len(late)}")


def acknowledged_per_s() -> float:
    """Without the last silent machines, each of which is given its ten seconds."""
    from compute.models import Command

    times = sorted(Command.objects.exclude(acknowledged_at=None).values_list("acknowledged_at", flat=True))
    tenth = len(times) // 10
    return (len(times) - 2 * tenth) / (times[-tenth] - times[tenth]).total_seconds()


def hold_s(site: Any, journal: Path) -> float:
    """Seconds from the commit of a hold in the middle of an order to the last command at a machine."""
    from django.db import connection

    from cango_ops.base.models import User
    from compute.commands import hold, sending

    hear()
    order(site, wave_size=4)

    def run() -> None:
        sending.send_commands(linger_s=0.5)
        connection.close()

    sender = threading.Thread(target=run)
    sender.start()
    time.sleep(0.5 + random.random())
    hold.press(uuid.uuid4(), User.objects.get(email="operator@cango.example"), site=site)
    held_at = time.time()
    sender.join()
    rows = [json.loads(line) for line in journal.read_text().splitlines()]
    return max((row["at"] - held_at for row in rows), default=0.0)


if __name__ == "__main__":
    main()
