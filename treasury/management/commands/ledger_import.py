"""`manage.py ledger_import FILE [--dry-run] [--proposal N]`: posts facts of CSV, XLSX or Beancount, all or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from treasury.closing.close import Refused
from treasury.proposals.importing import brought_in


class Command(BaseCommand):
    help = "Post the facts of a CSV, XLSX or Beancount text into the books; with --dry-run only tell what would happen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument(
            "--late-as-adjustment", action="store_true", help="book facts of closed months in the open one"
        )
        parser.add_argument("--actor", default="import", help="who is named in the books")
        parser.add_argument("--proposal", type=int, help="the approved import, where coins move in the file")

    def handle(
        self, *args: Any, file: Path, dry_run: bool, late_as_adjustment: bool, actor: str, proposal: int | None,
        **options: Any,
    ) -> None:  # fmt: skip
        try:
            reading, receipt = brought_in(file.read_bytes(), actor, file.name, proposal, dry_run, late_as_adjustment)
        except (OSError, Garbled, Refused) as why:
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
        if reading.derived:
            self.stdout.write(f"{len(reading.derived)} costings follow from the facts and are made anew")
        if dry_run:
            self.stdout.write(f"{len(reading.facts)} facts, SHA-256 {reading.sha256}")
