"""Reads machines from the command line: the same sweeps that the schedule wakes, or one site at once."""

import json
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compute.collector.read_now import read_site
from compute.collector.sweep import Report, Stop, sweep_slot
from sites.models import Site


class Command(BaseCommand):
    help = "Reads every machine of a collector slot or of a site, again and again until it is stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--slot", type=int, help="the slot's machines, silent ones less often")
        which.add_argument("--site", help="all machines of the site with this code, silent ones too")
        parser.add_argument("--once", action="store_true", help="one pass only")
        parser.add_argument("--json", action="store_true", help="one JSON object a pass")

    def handle(self, *, slot: int | None, site: str | None, once: bool, json: bool, **_: Any) -> None:
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        one_pass = self._one_pass(slot, site)
        while not stopped.is_set():
            report = one_pass(stopped.is_set)
            self.stdout.write(as_json(report) if json else as_line(report))
            if once or stopped.wait(settings.SWEEP_S):
                return

    def _one_pass(self, slot: int | None, site: str | None) -> Callable[[Stop], Report]:
        if site is None:
            if slot is None or not 0 <= slot < settings.COLLECTOR_SLOTS:
                raise CommandError(f"There are slots 0 to {settings.COLLECTOR_SLOTS - 1}.")
            return partial(sweep_slot, slot)
        if not Site.objects.filter(code=site).exists():
            raise CommandError(f"There is no site {site}.")
        return partial(read_site, site)


def as_json(report: Report) -> str:
    return json.dumps(report)


def as_line(report: Report) -> str:
    if "polled" not in report:
        return f"{report['outcome']}: {report.get('why', '')}"
    return (
        f"{report['outcome']}: {report.get('answered', 0)} of {report['polled']} answered "
        f"in {report['seconds']} s ({report['cpu_s']} s CPU), failed {report['failed'] or 'none'}"
    )
