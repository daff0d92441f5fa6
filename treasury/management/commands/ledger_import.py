"""`manage.py ledger_import FILE [--dry-run] [--late-as-adjustment]`: posts the facts of a CSV, all of them or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from treasury.books.imports import load


class Command(BaseCommand):
    help = "Post the facts of a CSV into the books; with --dry-run only tell what would happen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument(
            "--late-as-adjustment", action="store_true", help="book facts of closed months in the open one"
        )
        parser.add_argument("--actor", default="import", help="who is named in the books")

    def handle(
        self, *args: Any, file: Path, dry_run: bool, late_as_adjustment: bool, actor: str, **options: Any
    ) -> None:
        try:
            reading, receipt = load(file.read_bytes(), actor, dry_run, late_as_adjustment)
        except (OSError, Garbled) as why:
            raise CommandError(f"{file}: {why}") from why
        if reading.wrong:
            raise CommandError("nothing was posted.\n" + "\n".join(reading.wrong[:50]))
        for source, why_not in receipt.refused.items():
            self.stdout.write(f"refused {source}: {why_not}")
        for source in receipt.adjusted:
            self.stdout.write(f"adjusted {source}: its month is closed, booked in the open one")
        verb = "would be posted" if dry_run else "posted"
        self.stdout.write(f"{len(receipt.posted)} {verb}, {len(receipt.repeated)} were there, "
                          f"{len(receipt.refused)} refused, {len(receipt.recosted)} costed anew")  # fmt: skip
