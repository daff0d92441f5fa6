"""`manage.py supported [--captures DIR] [--to FILE]`: the table of recorded machines and what is read of them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compute.protocols.supported import page, places


class Command(BaseCommand):
    help = "Decode every recorded machine and write docs/devices.md, the table of what was read."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        root = Path(settings.BASE_DIR)
        parser.add_argument("--captures", type=Path, default=root.parent / "shared" / "captures")
        parser.add_argument("--to", type=Path, default=root / "docs" / "devices.md")

    def handle(self, *args: Any, captures: Path, to: Path, **options: Any) -> None:
        found = places(captures) if captures.is_dir() else []
        if not found:
            raise CommandError(f"no recorded machines under {captures}")
        to.write_text(page(captures, found), encoding="utf-8")
        self.stdout.write(f"{len(found)} recordings written to {to}")
