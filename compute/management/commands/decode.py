"""`manage.py decode PATH [--as LANGUAGE]`: what the console makes of recorded answers, as JSON. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from compute.protocols import ADAPTERS
from compute.protocols.replay import as_json, decode


class Command(BaseCommand):
    help = "Decode a file of recorded answers, or a folder with one file per command, into one reading as JSON."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a recorded answer, or a folder of them")
        parser.add_argument(
            "--as", dest="language", choices=sorted(ADAPTERS), help="the language; else it is found out"
        )

    def handle(self, *args: Any, path: Path, language: str | None, **options: Any) -> None:
        try:
            name, reading = decode(path, language)
        except OSError as why:
            raise CommandError(f"{why.filename or path} cannot be read: {why.strerror}") from why
        except Garbled as why:
            raise CommandError(f"{path} cannot be decoded: {why}") from why
        if options["verbosity"] > 1:
            self.stderr.write(f"language: {name}")
        self.stdout.write(as_json(reading).decode())
