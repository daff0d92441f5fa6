"""Writes down once an hour what each method expects of each market, and later how far off it was."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast

from cango_ops.base import clock, jobs, leases
from sites.models import Forecast, ForecastScore
from sites.prices import expect
from sites.prices.expect import HOUR
from sites.prices.queries import LIVE_FOR, Known, known
from sites.prices.read import markets
from sites.tariffs.terms import DAY_AHEAD, REAL_TIME

LEASE: Final = "prices/forecast"
HORIZON_H: Final = 48
SCORE_AT_ONCE: Final = 200
ADD = """
INSERT INTO forecast_score (market, method, lead_h, day, hours, sum_error, sum_abs_error)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (market, method, lead_h, day) DO UPDATE SET hours = forecast_score.hours + excluded.hours,
    sum_error = forecast_score.sum_error + excluded.sum_error,
    sum_abs_error = forecast_score.sum_abs_error + excluded.sum_abs_error
"""


def forecast_prices() -> None:
    """The hour's forecasts of every market, and the scores of those whose time has come."""
    with jobs.run("sites.forecast_prices") as job, leases.held(LEASE, 120) as lease:
        if lease is None:
            job.skip("another process forecasts")
            return
        now = clock.now()
        job.count(made=make(list(markets()), now), scored=score(now))


def make(names: Collection[str], now: datetime) -> int:
    begin = now.replace(minute=0, second=0, microsecond=0)
    prices = known(names, begin - 49 * HOUR, begin + 49 * HOUR)
    rows = [
        Forecast(market=name, method=method, made_at=begin, begin_at=begin, usd_per_mwh=expected)
        for name in names
        for method, expected in forecasts(prices, name, now).items()
        if any(usd is not None for usd in expected)
    ]
    return len(Forecast.objects.bulk_create(rows, ignore_conflicts=True))


def forecasts(prices: Known, market: str, now: datetime, hours: int = HORIZON_H) -> dict[str, list[float | None]]:
    """What each method expects of the real-time price, from the running hour on."""
    begin = now.replace(minute=0, second=0, microsecond=0)
    newest = prices.last(market)
    # A price that has grown old says nothing of how far from the day-ahead market this hour is.
    is_live = newest is not None and now < newest.end_at + LIVE_FOR
    last = float(newest.price.usd_per_mwh) if newest is not None and is_live else None
    ahead = partial(of_hour, prices, market, DAY_AHEAD)
    return {
        expect.AHEAD: expect.day_ahead(ahead, last, begin, hours),
        expect.YESTERDAY: expect.same_hour_yesterday(partial(of_hour, prices, market, REAL_TIME), begin, hours),
        expect.PERSISTENCE: expect.persistence(last, hours),
    }


def of_hour(prices: Known, market: str, index: str, begin: datetime) -> float | None:
    mean = prices.mean(market, index, begin, begin + HOUR)
    return None if mean is None else float(mean)


def score(now: datetime) -> int:
    """Measures forecasts all of whose hours are over; each once."""
    due = Forecast.objects.filter(scored_at=None, begin_at__lt=now - HOUR * (HORIZON_H + 1)).order_by("begin_at")
    done = 0
    for market in list(due.order_by().values_list("market", flat=True).distinct()[:SCORE_AT_ONCE]):
        rows = list(due.filter(market=market)[:SCORE_AT_ONCE])
        prices = known([market], rows[0].begin_at, rows[-1].begin_at + HOUR * HORIZON_H)
        done += sum(score_one(row, prices, now) for row in rows)
    return done


@transaction.atomic
def score_one(row: Forecast, prices: Known, now: datetime) -> int:
    if not Forecast.objects.filter(pk=row.pk, scored_at=None).update(scored_at=now):
        return 0
    sums: dict[tuple[int, date], list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    came = partial(of_hour, prices, row.market, REAL_TIME)
    for error in expect.errors(row.made_at, row.begin_at, row.usd_per_mwh, came):
        cell = sums[error.lead_h, error.begin_at.date()]
        for at, amount in enumerate((1, error.error_usd_per_mwh, abs(error.error_usd_per_mwh))):
            cell[at] += amount
    with connection.cursor() as cursor:
        cursor.executemany(ADD, [(row.market, row.method, *key, *cell) for key, cell in sorted(sums.items())])
    return 1


def mean_errors(market: str, since: date) -> Iterator[tuple[str, int, float, float]]:
    """(method, hours measured, mean absolute error, bias) of a market since a day, best first; USD/MWh."""
    rows = ForecastScore.objects.filter(market=market, day__gte=since).values("method")
    sums = rows.annotate(n=Sum("hours"), off=Cast(Sum("sum_abs_error"), FloatField()), bias=Sum("sum_error")).order_by(
        F("off") / F("n")
    )
    for row in sums:
        yield row["method"], row["n"], row["off"] / row["n"], row["bias"] / row["n"]
