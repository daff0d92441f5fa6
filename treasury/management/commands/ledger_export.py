"""`manage.py ledger_export csv|xlsx|beancount FILE [--from DAY] [--to DAY]`: the books for other programs."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from treasury.books import export, queries


class Command(BaseCommand):
    help = "Write the entries of the books from one UTC day up to another into a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=["csv", "xlsx", "beancount"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date(2009, 1, 3))
        parser.add_argument("--to", dest="end", type=date.fromisoformat, default=date(9999, 1, 1))

    def handle(self, *args: Any, file: Path, first: date, end: date, **options: Any) -> None:
        entries = queries.all_between(*(datetime.combine(day, time(), UTC) for day in (first, end)))
        if options["format"] == "xlsx":
            file.write_bytes(export.as_xlsx(entries))
        else:
            lines = {"csv": export.as_csv, "beancount": export.as_beancount}[options["format"]](entries)
            file.write_text("".join(lines), newline="")
        self.stdout.write(f"{len(entries)} entries in {file}")
