"""manage.py seed_demo: people to sign in as, on an installation that has nobody yet."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cango_ops.base.models import User
from sites import demo


class Command(BaseCommand):
    help = (
        "Makes a demo account of each role and for two partners; passwords go to demo_accounts.json in the run folder."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="give every demo account a new password")
        parser.add_argument("--if-nobody", action="store_true", help="only where nobody at all is here yet")

    def handle(self, *, reset: bool = False, if_nobody: bool = False, **options: Any) -> None:
        if if_nobody and User.objects.exists():
            self.stdout.write("Somebody is here already: no demo account was made or changed.")
            return
        accounts = demo.seed(settings.RUN_DIR, reset=reset)
        self.stdout.write(f"{len(accounts)} demo accounts; their passwords are in {settings.RUN_DIR / demo.FILE}")
