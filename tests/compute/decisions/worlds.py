"""The cast at a market: Pecos follows an index, its machines were just heard, and the prices ahead are known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cango_ops.base import clock
from compute.decisions.propose import plan_one
from compute.models import CommandPolicy, Decision, NetworkReading, Plan
from sites.feeds.price import Price
from sites.models import PowerContract
from sites.prices.save import save
from tests.compute.commands.worlds import heard_world
from tests.worlds import World

MARKET = "ERCOT-WEST"


def market_world(usd: float = 40.0, devices: int = 24) -> World:
    """24 machines of 200 TH/s and 3,500 W: 84 kW. At 40 USD/PH/day each earns 8 USD a day: 95 USD/MWh."""
    world = heard_world(devices)
    PowerContract.objects.filter(site=world.pecos).update(kind="index", market=MARKET, price_usd_per_mwh=0)
    read_network(40.0)
    say_prices(usd)
    return world


def read_network(usd_per_ph_day: float, at: datetime | None = None) -> None:
    NetworkReading.objects.create(
        observed_at=at or clock.now(), source="test", difficulty=1.25e14, reward_sat=316_000_000,
        price_usd=Decimal(80_000), hashprice_usd_per_ph_day=usd_per_ph_day,
    )  # fmt: skip


def say_prices(usd: float, at: datetime | None = None, hours: int = 49) -> None:
    """The running price, and a day ahead that says the same."""
    now = at or clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    five = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    ahead = [price(usd, hour + timedelta(hours=step), 60, "day_ahead") for step in range(hours)]
    save([price(usd, five, 5, "real_time"), *ahead], "test", now)


def price(usd: float, at: datetime, minutes: int, index: str) -> Price:
    return Price(MARKET, index, at.astimezone(UTC), minutes, Decimal(str(usd)))


def let_console_ask(world: World, mode: str = "approve", **limits: float) -> None:
    CommandPolicy.objects.create(site=world.pecos, requester="console", mode=mode, **limits)


def proposed(usd: float = 5000.0) -> tuple[World, Decision]:
    """A proposal at Pecos: power is dearer than any hash."""
    world = market_world(usd)
    assert plan_one(world.pecos, clock.now()) == "proposed"
    return world, Decision.objects.select_related("site").get()


def facts(plan: Plan) -> dict[str, dict]:
    return {fact["name"]: fact for fact in plan.facts}
