"""`manage.py seed_treasury`: books to look at, on an installation that has none."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand

from cango_ops.base import clock
from cango_ops.estate.payouts import DESCRIPTOR
from treasury import demo
from treasury.equity.demo import tell_demo


class Command(BaseCommand):
    help = "Fill empty books with a reconstruction of published figures; books with entries are left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--price", type=Decimal, default=Decimal(90_000), help="dollars a bitcoin, about")

    def handle(self, *args: Any, price: Decimal, **options: Any) -> None:
        today = clock.now().date()
        self.stdout.write(f"{demo.seed(today, price)} entries in the books")
        tell_demo(today)
        if demo.watch(DESCRIPTOR):
            self.stdout.write("the wallet into which the estate's pool pays is watched")
