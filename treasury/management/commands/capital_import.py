"""`manage.py capital_import FILE [--dry-run]`: shares, rights, prices, balances and costs of a CSV, all or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from treasury.equity.imports import load


class Command(BaseCommand):
    help = "Write down shares, rights, share prices, balances and costs of a CSV; --dry-run only tells."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--actor", default="import", help="who is named beside each row")

    def handle(self, *args: Any, file: Path, dry_run: bool, actor: str, **options: Any) -> None:
        try:
            reading, receipt = load(file.read_bytes(), actor, dry_run)
        except (OSError, Garbled) as why:
            raise CommandError(f"{file}: {why}") from why
        if reading.wrong:
            raise CommandError("nothing was written.\n" + "\n".join(reading.wrong[:50]))
        verb = "would be written" if dry_run else "written"
        self.stdout.write(f"{len(receipt.written)} {verb}, {len(receipt.repeated)} were there")
