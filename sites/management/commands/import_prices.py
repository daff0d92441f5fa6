"""Reads a file of past prices by the market's wall clock, and says what is missing in it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.base import clock
from cango_ops.wire import Garbled
from sites.feeds.history_csv import Column, parse_history
from sites.models import MarketPrice
from sites.prices.save import save

MOST_BYTES = 100_000_000


class Command(BaseCommand):
    help = (
        "Imports hourly prices: import_prices FILE --time COLUMN --zone ZONE --column rtm_HB_WEST=ERCOT-WEST/real_time"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--time", required=True, help="the column of the hour's beginning")
        parser.add_argument("--zone", default="UTC", help="of that column, where its times name none")
        parser.add_argument("--column", action="append", required=True, help="COLUMN=MARKET/day_ahead or /real_time")

    def handle(self, **options: Any) -> None:
        path: Path = options["file"]
        columns = dict(column(text) for text in options["column"])
        try:
            if path.stat().st_size > MOST_BYTES:
                raise CommandError(f"{path} is larger than {MOST_BYTES} bytes")
            history = parse_history(path.read_text(), options["time"], options["zone"], columns)
        except (Garbled, OSError, UnicodeError) as why:
            raise CommandError(str(why)) from why
        done = save(history.prices, path.name[:100], clock.now())
        for line in history.said:
            self.stdout.write(line)
        self.stdout.write(f"{len(history.prices)} prices read, {done.added} new, {done.corrected} corrected")


def column(text: str) -> tuple[str, Column]:
    name, equals, said = text.partition("=")
    market, slash, index = said.rpartition("/")
    if not (equals and slash and name and market and index in MarketPrice.Index.values):
        raise CommandError(f"{text!r} is not COLUMN=MARKET/day_ahead or COLUMN=MARKET/real_time")
    return name, Column(market[:32], index)
