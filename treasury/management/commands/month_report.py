"""Writes every document of a month's report into a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from treasury.closing.close import Refused
from treasury.reports import published
from treasury.reports.compose import compose
from treasury.reports.documents.every import every
from treasury.reports.documents.pdf import CannotSet
from treasury.reports.gather import gathered
from treasury.reports.snapshot import sha256
from treasury.reports.words import LANGUAGES


class Command(BaseCommand):
    """manage.py month_report 2025-10 --out DIR"""

    help = "Write every document of a month's report into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="such as 2025-10")
        parser.add_argument("--out", type=Path, required=True, help="folder for the documents")
        parser.add_argument("--from", dest="basis", choices=("published", "ledger"), default="published")
        parser.add_argument("--language", choices=LANGUAGES, default="en")

    def handle(self, *args: Any, **asked: Any) -> None:
        try:
            material = gathered if asked["basis"] == "ledger" else published.material
            snapshot = compose(material(asked["month"]))
            files = every(snapshot, asked["language"])
        except (Garbled, CannotSet, Refused) as why:
            raise CommandError(str(why)) from why
        asked["out"].mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (asked["out"] / name).write_bytes(data)
            self.stdout.write(f"{asked['out'] / name}  {len(data):,} bytes")
        self.stdout.write(f"SHA-256 of the data snapshot: {sha256(snapshot)}")
