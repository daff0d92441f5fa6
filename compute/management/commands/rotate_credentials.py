"""Seals the machines' logins anew under the newest key, so that an older one can be taken away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.alerts import routes
from cango_ops.base.secret_key import new_credential_key
from compute import credentials


class Command(BaseCommand):
    help = "Seals every login under the first of CANGO_CREDENTIAL_KEYS; twice does no harm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new-key", action="store_true", help="print a fresh key and change nothing")

    def handle(self, *, new_key: bool, **_: Any) -> None:
        if new_key:
            self.stdout.write(new_credential_key())
            return
        rotated = credentials.rotate()
        self.stdout.write(f"{rotated.changed} logins sealed under the newest key")
        changed, locked = routes.rotate()
        if changed:
            self.stdout.write(f"{changed} secrets of webhooks sealed under the newest key")
        if rotated.locked or locked:
            raise CommandError("No key opens these; set them again: " + "; ".join([*rotated.locked, *locked]))
