"""`manage.py backtest SITE.json --policy mpc`: what a policy would have earned on a site's past. Needs no database."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from compute.backtest.history import History
from compute.backtest.run import POLICIES, run
from compute.backtest.site_file import history_of, read_site

WIDTH = 40


class Command(BaseCommand):
    help = "Run a switching policy through a backtest-site/1 file and print what it earned as JSON."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", type=Path, help="a file of schema backtest-site/1; its series lies beside it")
        parser.add_argument("--policy", choices=sorted(POLICIES), required=True)
        parser.add_argument("--lag", type=int, default=0, help="steps until a real-time price is known (default: 0)")
        parser.add_argument("--steps", type=int, help="only so many steps from the first")

    def handle(self, *args: Any, site: Path, policy: str, lag: int, steps: int | None, **options: Any) -> None:
        if lag < 0 or (steps is not None and steps < 1):
            raise CommandError("--lag cannot be below 0, --steps not below 1")
        history = read(site)
        if steps is not None:
            history = history.first(steps)
        result = run(history, policy, lag, bar(self.stderr) if sys.stderr.isatty() else None)
        self.stdout.write(msgspec.json.encode(result.as_dict()).decode())
        if result.broken:
            raise CommandError(f"the run breaks a rule: {result.broken[0]}")


def read(path: Path) -> History:
    try:
        raw = read_site(path.read_bytes())
        return history_of(raw, (path.parent / raw.series).read_text())
    except OSError as why:
        raise CommandError(f"{why.filename} cannot be read: {why.strerror}") from why
    except ValueError as why:
        raise CommandError(f"{path} cannot be back-tested: {why}") from why


def bar(out: OutputWrapper) -> Callable[[int, int], None]:
    def draw(done: int, of: int) -> None:
        full = WIDTH * done // of
        ending = "\n" if done == of else ""
        out.write(f"\r[{'=' * full}{' ' * (WIDTH - full)}] {done}/{of}", str, ending)
        out.flush()

    return draw
