"""Reads every market that a contract follows; a feed that is away or absurd leaves the last good price in place."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from cango_ops.base import clock, jobs, leases
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from cango_ops.base.switchboard.reach import reach_to
from cango_ops.live.publish import publish
from sites.feeds import market_feed
from sites.models import MarketFeed, MarketPrice, PowerContract
from sites.prices.save import save
from sites.tariffs.terms import DAY_AHEAD

LEASE: Final = "prices/read"
LEASE_S: Final = 50.0
DEADLINE_S: Final = 10.0
TOPIC: Final = "prices"


class Question(NamedTuple):
    """What one call asks. day: None for the running prices."""

    market: str
    day: str | None
    may_fail: bool = False


def read_prices() -> None:
    """Asks every market that a power contract names."""
    with jobs.run("sites.read_prices") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process reads")
            return
        if not settings.POWER_PRICE_URL:
            job.skip("CANGO_POWER_PRICE_URL is not set")
            return
        now = clock.now()
        outcomes = ask(list(calls(settings.POWER_PRICE_URL, markets(), now)))
        # The running prices last: what came of them is what the feed is said to be.
        for outcome in sorted(outcomes, key=lambda outcome: outcome.call.key.day is None):
            job.count(**keep(outcome, now))
        if job.detail.get("added") or job.detail.get("corrected"):
            publish(TOPIC)


def markets() -> dict[str, str]:
    """Market to the time zone of the first site that follows it."""
    rows = PowerContract.objects.exclude(market="").order_by("-site__code").values_list("market", "site__time_zone")
    return dict(rows)


def calls(url: str, zones: dict[str, str], now: datetime) -> Iterator[Call]:
    """Running prices always; days ahead only while one is missing, tomorrow's from noon of the market."""
    where = urlsplit(url)
    path = where.path.rstrip("/")
    host, port = where.hostname or "", where.port or 80
    call = partial(Call, address=host, port=port, total_s=DEADLINE_S, reach=reach_to(host, port))
    for market, zone in zones.items():
        yield call(key=Question(market, None), begin=partial(market_feed.ask_real_time, path, market))
        local = now.astimezone(ZoneInfo(zone))
        for ahead in (0, 1) if local.hour >= 12 else (0,):
            day = local.date() + timedelta(days=ahead)
            if not is_known(market, datetime.combine(day, datetime.min.time(), ZoneInfo(zone)), now):
                begin = partial(market_feed.ask_day_ahead, path, market, day)
                yield call(key=Question(market, day.isoformat(), may_fail=ahead == 1), begin=begin)


def is_known(market: str, midnight: datetime, now: datetime) -> bool:
    """Whether the day is there; in the first minutes of an hour it is asked for again: markets correct themselves."""
    span = (midnight, midnight + timedelta(hours=23))
    rows = MarketPrice.objects.filter(market=market, index=DAY_AHEAD, start_at__range=span, replaced_at=None)
    return rows.count() >= 23 and now.minute >= 5


def ask(wanted: Iterable[Call]) -> Iterator[Outcome]:
    """Every call to its end."""
    left = 0
    with Switchboard() as board:
        for call in wanted:
            board.add(call)
            left += 1
        while left:
            for outcome in board.step(1.0):
                left -= 1
                yield outcome


def keep(outcome: Outcome, now: datetime) -> dict[str, int]:
    """Saves what was said, or notes since when nothing is; counts for the job run."""
    question: Question = outcome.call.key
    if outcome.failure:
        if question.may_fail and outcome.failure == "bad_status":
            return {"not_published": 1}
        note_failure(question.market, f"{outcome.failure}: {outcome.detail}"[:200], now)
        return {"failed": 1}
    done = save(outcome.result, source_of(outcome.call), now)
    if question.day is None:
        note_success(question.market, outcome.result, now)
    return {"read": 1, "added": done.added, "corrected": done.corrected}


def source_of(call: Call) -> str:
    return f"{call.address}:{call.port}"


def note_failure(market: str, reason: str, now: datetime) -> None:
    MarketFeed.objects.get_or_create(market=market)
    MarketFeed.objects.filter(market=market).update(
        failing_since=Coalesce(F("failing_since"), now), failing_reason=reason
    )


def note_success(market: str, prices: list[Any], now: datetime) -> None:
    if not prices:
        note_failure(market, "answers without a price", now)
        return
    MarketFeed.objects.get_or_create(market=market)
    older = Q(observed_at=None) | Q(observed_at__lt=now)
    MarketFeed.objects.filter(older, market=market).update(observed_at=now, failing_since=None, failing_reason="")
