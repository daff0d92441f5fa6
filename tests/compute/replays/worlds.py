"""Pecos with three days of prices behind it, and the cheapest way to ask for a back-test of them."""

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cango_ops.base import clock
from compute.decisions.propose import plan_one
from compute.models import Backtest
from compute.replays.ask import Wish, ask_for
from compute.replays.stored import stored
from sites.prices.save import save
from sites.tariffs.windows import midnight
from tests.compute.decisions.worlds import market_world, price, read_network
from tests.worlds import World

HOUR = timedelta(hours=1)
ZONE = "America/Chicago"


def last_days() -> tuple[date, date]:
    """Three whole days by Pecos's calendar."""
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    return today - timedelta(days=3), today - timedelta(days=1)


def begin_of(day: date) -> datetime:
    return midnight(day, ZONE)


def past_world(cheap: float = 20.0, dear: float = 400.0) -> World:
    """24 machines that earn 91 USD/MWh at Pecos; power is dear in the hours 18 to 21, cheap in the others."""
    world = market_world(40.0)
    plan_one(world.pecos, clock.now())
    first, last = last_days()
    begin, end = begin_of(first), begin_of(last + timedelta(days=1))
    said = []
    for hour in range((end - begin) // HOUR):
        at = begin + HOUR * hour
        usd = dear if 18 <= hour % 24 < 21 else cheap
        said += [price(usd, at, 60, "real_time"), price(usd, at, 60, "day_ahead")]
    save(said, "test", begin)
    read_network(40.0, begin - HOUR)
    return world


def asked(world: World, *policies: str, lag: int = 0) -> Backtest:
    past = stored(world.pecos, *last_days(), clock.now())
    return ask_for(world.bo, world.pecos, Wish(uuid.uuid4(), policies or ("always", "merit"), lag), past)
