"""Writes every document of a month's report into a folder."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from cango_ops.wire import Garbled
from treasury.closing.close import Refused
from treasury.reports import facts_file, months, published
from treasury.reports.compose import Material, compose
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
        parser.add_argument("--company", default=published.CANGO, help="whose published month")
        parser.add_argument("--facts", type=Path, help="CSV of published facts: company, month, metric, value, source")
        parser.add_argument("--language", choices=LANGUAGES, default="en")

    def handle(self, *args: Any, **asked: Any) -> None:
        try:
            snapshot = compose(material_of(asked))
            files = every(snapshot, asked["language"])
            for path, size in written(asked["out"], files):
                self.stdout.write(f"{path}  {size:,} bytes")
        except (Garbled, CannotSet, Refused) as why:
            raise CommandError(str(why)) from why
        except OSError as why:
            raise CommandError(f"cannot write into {asked['out']}: {why.strerror or why}") from why
        except DatabaseError as why:
            raise CommandError(f"the books cannot be read: {why}") from why
        self.stdout.write(f"SHA-256 of the data snapshot: {sha256(snapshot)}")


def material_of(asked: Mapping[str, Any]) -> Material:
    """Raises Garbled, Refused."""
    if asked["facts"] is not None:
        facts = facts_file.read(content(asked["facts"]), asked["company"])
        months.first_day(asked["month"])
        return published.of_facts(asked["month"], asked["company"], facts)
    if asked["basis"] == "ledger":
        return gathered(asked["month"])
    return published.material(asked["month"], asked["company"])


def content(path: Path) -> bytes:
    """Raises Garbled."""
    try:
        return path.read_bytes()
    except OSError as why:
        raise Garbled(f"{path} cannot be read: {why.strerror}") from why


def written(folder: Path, files: Mapping[str, bytes]) -> Iterator[tuple[Path, int]]:
    """Each document under its name, whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        beside = folder / f".{name}.part"
        try:
            beside.write_bytes(data)
            beside.replace(folder / name)
        finally:
            beside.unlink(missing_ok=True)
        yield folder / name, len(data)
