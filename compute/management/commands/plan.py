"""`manage.py plan FILE...`: the best schedule for each switching case, one line of JSON a file. Needs no database."""

import logging
import math
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compute.switching.plan_line import as_json, error_line, plan_text
from compute.switching.solve import Effort

log = logging.getLogger(__name__)
LARGEST_BYTES = 64 * 1024 * 1024


class Command(BaseCommand):
    help = "Plan what each site of the given switch-case/1 files should run; one line of JSON a file, in their order."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="files of schema switch-case/1")
        parser.add_argument("--time-limit", type=seconds, default=60.0, help="seconds for each file (default: 60)")

    def handle(self, *args: Any, files: list[Path], time_limit: float, **options: Any) -> None:
        bad = 0
        for path in files:
            line = planned(path, Effort(time_limit_s=time_limit))
            bad += line["status"] == "error"
            self.stdout.write(as_json({"file": str(path)} | line))
            self.stdout.flush()
        if bad:
            raise CommandError(f"{bad} of {len(files)} files cannot be planned")


def seconds(text: str) -> float:
    """Raises ArgumentTypeError for what is no length of time."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise ArgumentTypeError(f"{text[:20]!r} is not a number of seconds")
    return value


def planned(path: Path, effort: Effort) -> dict[str, Any]:
    """The line of a file, whatever is wrong with it: the files after it are planned all the same."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_BYTES + 1)
    except OSError as why:
        return error_line(f"cannot be read: {why.strerror}")
    if len(text) > LARGEST_BYTES:
        return error_line(f"is larger than {LARGEST_BYTES} bytes")
    try:
        return plan_text(text, effort)
    except Exception as why:  # a fault of ours, not of the file
        log.exception("%s could not be planned", path)
        return error_line(f"planning failed: {type(why).__name__}: {why}"[:300])
