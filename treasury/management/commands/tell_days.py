"""`manage.py tell_days 2025-11-01 2025-11-05`: tells these days of every site anew, out of what is kept."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand

from cango_ops.base import clock
from sites.models import Site
from treasury.earnings.days import tell_day


class Command(BaseCommand):
    help = "Tell what sites and GPU contracts cost and earned on these days anew, as after late telemetry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=date.fromisoformat)
        parser.add_argument("last", type=date.fromisoformat, nargs="?")

    def handle(self, *args: Any, first: date, last: date | None, **options: Any) -> None:
        now, told = clock.now(), 0
        for back in range(((last or first) - first).days + 1):
            told += sum(tell_day(site, first + timedelta(days=back), now) for site in Site.objects.order_by("code"))
        self.stdout.write(f"{told} days of sites told")
