"""The power-price feed: day-ahead and real-time prices of the market areas. A format of the estate's own.

GET /v1/markets
    {"markets": [{"market": "ERCOT-WEST", "zone": "America/Chicago", "currency": "USD"}, ...]}
GET /v1/day-ahead?market=ERCOT-WEST&date=2026-11-21
    {"market", "zone", "currency": "USD", "unit": "USD/MWh", "interval_minutes": 60, "date",
     "prices": [{"start": "2026-11-21T06:00:00Z", "price": 38.21}, ...]}
    one price per hour of the market's own calendar day: 23 or 25 of them when the clocks change. Tomorrow's are there
    from noon, market time; before that 404. date: the market's today when left out.
GET /v1/real-time?market=ERCOT-WEST
    the same head with "interval_minutes": 5 and the last 12 intervals, the running one last.
Unknown markets and dates answer 404 with {"error": ...}. A price may be negative.
"""

from datetime import UTC, date, datetime, time, timedelta
from math import cos, pi
from typing import Any, Final
from zoneinfo import ZoneInfo

from cango_ops.estate.chance import unit, wobble
from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response
from cango_ops.estate.places import PLACES
from cango_ops.estate.world import World

SPIKE: Final = 40.0
CAP: Final = 5_000.0
FLOOR: Final = -50.0
HOUR_S: Final = 3_600
FIVE_MINUTES_S: Final = 300
PUBLISHED_HOUR: Final = 12
# The mean price of each area and the zone of its first site.
MARKETS: Final = {place.market: (place.tariff, place.zone) for place in reversed(PLACES)}


def respond(world: World, request: HttpRequest) -> HttpResponse:
    """One answer."""
    t = world.clock()
    if request.path == "/v1/markets":
        return json_response({"markets": [_head(market, None) for market in sorted(MARKETS)]})
    market = request.query.get("market", "")
    if market not in MARKETS:
        return json_response({"error": f"no market {market!r}"}, 404)
    if request.path == "/v1/day-ahead":
        return _day_ahead(market, request.query.get("date"), t)
    if request.path == "/v1/real-time":
        return json_response(real_time(world, market, t))
    return json_response({"error": "not found"}, 404)


def _head(market: str, interval_minutes: int | None) -> dict[str, Any]:
    head: dict[str, Any] = {"market": market, "zone": MARKETS[market][1], "currency": "USD"}
    return head if interval_minutes is None else head | {"unit": "USD/MWh", "interval_minutes": interval_minutes}


def day_ahead_price(market: str, t: float) -> float:
    """The price of the hour that `t` lies in: dear in the morning and the evening, cheap at night and at noon."""
    mean, zone = MARKETS[market]
    hour = datetime.fromtimestamp(t, ZoneInfo(zone)).hour
    key = sum(map(ord, market))
    shape = 1 - 0.22 * cos(4 * pi * (hour - 1) / 24) + 0.12 * cos(2 * pi * (hour - 19) / 24)
    day = 0.75 + 0.5 * unit(int(t // 86_400), key)
    return round(mean * shape * day, 2)


def real_time_price(world: World, market: str, t: float) -> float:
    """The five-minute price: the day-ahead one with noise, now and then below nothing, and the spike of a drill."""
    key = sum(map(ord, market))
    start = t // FIVE_MINUTES_S * FIVE_MINUTES_S
    price = day_ahead_price(market, t) * (1 + 0.25 * wobble(key, start / 97) + 0.1 * (unit(int(start), key) - 0.5))
    if unit(int(start // HOUR_S), key + 1) > 0.985:
        price -= 60
    if any(site.is_drilled("price-spike", t) for site in world.sites if site.site.market == market):
        price = max(price, 30.0) * SPIKE
    return round(max(FLOOR, min(CAP, price)), 2)


def _day_ahead(market: str, said: str | None, t: float) -> HttpResponse:
    zone = ZoneInfo(MARKETS[market][1])
    now = datetime.fromtimestamp(t, zone)
    try:
        day = date.fromisoformat(said) if said else now.date()
    except ValueError:
        return json_response({"error": "date must be YYYY-MM-DD"}, 400)
    latest = now.date() + timedelta(days=1 if now.hour >= PUBLISHED_HOUR else 0)
    if day > latest:
        return json_response({"error": f"not published yet: {day}"}, 404)
    start, end = (datetime.combine(d, time(), zone).timestamp() for d in (day, day + timedelta(days=1)))
    hours = range(int(start), int(end), HOUR_S)
    prices = [{"start": _utc(hour), "price": day_ahead_price(market, hour)} for hour in hours]
    return json_response(_head(market, 60) | {"date": day.isoformat(), "prices": prices})


def _utc(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def real_time(world: World, market: str, t: float) -> dict[str, Any]:
    last = int(t // FIVE_MINUTES_S) * FIVE_MINUTES_S
    starts = range(last - 11 * FIVE_MINUTES_S, last + 1, FIVE_MINUTES_S)
    prices = [{"start": _utc(start), "price": real_time_price(world, market, start)} for start in starts]
    # A drill that began within the running interval shows at once.
    prices[-1]["price"] = real_time_price(world, market, t)
    return _head(market, 5) | {"prices": prices}
