"""Makes the expected coins of past days again, after terms, leases or the network's past were changed."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.base import clock
from treasury.production.measured import measure_between

MOST_DAYS = 1100


class Command(BaseCommand):
    help = "Make the expected coins of each site again: measure_production 2025-10-01 2025-10-31."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=date.fromisoformat)
        parser.add_argument("last", type=date.fromisoformat)

    def handle(self, *args: Any, first: date, last: date, **options: Any) -> None:
        if not 0 <= (last - first).days <= MOST_DAYS:
            raise CommandError(f"the last day is before the first, or more than {MOST_DAYS} days after it")
        self.stdout.write(f"{measure_between(first, last, clock.now())} days of sites are made")
