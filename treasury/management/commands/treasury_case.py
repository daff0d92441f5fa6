"""`manage.py treasury_case FILE...`: the answer to each case file as one line of JSON. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from treasury.cases.answer import answer, line


class Command(BaseCommand):
    help = "Answer case files of the treasury, one line of JSON each; a bad file is a line with an error."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a case file")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        bad = 0
        for path in files:
            try:
                self.stdout.write(line(answer(path.read_bytes())))
            except (OSError, Garbled) as why:
                bad += 1
                reason = why.strerror if isinstance(why, OSError) else str(why)
                self.stdout.write(line({"file": str(path), "error": f"{path}: {reason}"}))
        if bad:
            raise CommandError(f"{bad} of {len(files)} files could not be answered")
