"""Reads files of the network's past: difficulty epochs, and what the blocks of each day were worth."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from compute.market import past

MOST_BYTES = 20_000_000


class Command(BaseCommand):
    help = "Imports CSV files of difficulty epochs or of daily rewards; the same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        for path in files:
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise CommandError(f"{path} is larger than {MOST_BYTES} bytes")
                count, what = past.load(path.read_bytes(), path.name)
            except (Garbled, OSError) as why:
                raise CommandError(f"{path}: {why}") from why
            self.stdout.write(f"{path}: {count} new {what}")
