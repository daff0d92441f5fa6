"""Freezes the months that the company published, as drafts, for the demonstration."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.base.models import User
from treasury.closing.close import Refused
from treasury.models import Report
from treasury.reports import months, published
from treasury.reports.files import freeze


class Command(BaseCommand):
    """manage.py load_published_months 2025-10 --as investor-relations@cango.example"""

    help = "Freeze a report of every published month that has none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("months", nargs="*", help="such as 2025-10; all without one")
        parser.add_argument("--as", dest="email", required=True, help="who freezes them: one of investor relations")

    def handle(self, *args: Any, **asked: Any) -> None:
        user = User.objects.filter(email=asked["email"]).first()
        if user is None:
            raise CommandError(f"there is no {asked['email']}")
        known = published.facts_of(published.CANGO)
        for month in sorted(asked["months"] or known):
            if month not in known:
                raise CommandError(f"nothing was published for {month}")
            if not Report.objects.filter(month=months.first_day(month)).exists():
                try:
                    self.stdout.write(str(freeze(published.material(month), user)))
                except Refused as why:
                    raise CommandError(str(why)) from why
