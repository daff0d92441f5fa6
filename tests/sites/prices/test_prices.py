"""Reading market prices from a real feed, what is kept of them, and what is expected."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from cango_ops.base.models import JobRun
from sites.feeds.price import Price
from sites.models import Forecast, MarketFeed, MarketPrice, PowerContract
from sites.models.contract import contract_at
from sites.prices import expect
from sites.prices.forecast import forecast_prices, forecasts, mean_errors
from sites.prices.queries import known, price_now
from sites.prices.read import read_prices
from sites.prices.save import Saved, save
from tests.worlds import make_world

NOON = datetime(2026, 7, 1, 17, tzinfo=UTC)  # noon in Chicago
HOUR = timedelta(hours=1)


@contextmanager
def market(real_time: dict, status: int = 200) -> Iterator[str]:
    """A feed on loopback that knows the running prices and no day ahead."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            body, code = (json.dumps(real_time).encode(), status) if "real-time" in path else (b"{}", 404)
            self.wfile.write(b"HTTP/1.1 %d OK\r\nContent-Length: %d\r\n\r\n" % (code, len(body)) + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def says(usd: float) -> dict:
    return {
        "market": "ERCOT-WEST", "currency": "USD", "unit": "USD/MWh", "interval_minutes": 5,
        "prices": [{"start": "2026-07-01T17:00:00Z", "price": usd}],
    }  # fmt: skip


@pytest.fixture
def pecos(db):
    site = make_world().pecos
    PowerContract.objects.filter(site=site).update(kind="index", market="ERCOT-WEST", price_usd_per_mwh=Decimal(4))
    return site


def price(usd: str, at: datetime = NOON, minutes: int = 60, index: str = "real_time") -> Price:
    return Price("ERCOT-WEST", index, at, minutes, Decimal(usd))


def read(settings, answer: dict, status: int = 200, at: datetime = NOON) -> None:
    with time_machine.travel(at, tick=False), market(answer, status) as url:
        settings.POWER_PRICE_URL = url
        read_prices()


def test_a_price_is_kept_with_its_source_and_age(pecos, settings):
    read(settings, says(-12.5))

    row = MarketPrice.objects.get()
    assert (row.usd_per_mwh, row.observed_at, row.minutes) == (Decimal("-12.5"), NOON, 5)
    assert row.source.startswith("127.0.0.1:")


def test_an_absurd_price_leaves_the_last_good_one_and_says_so(pecos, settings):
    read(settings, says(41.5))
    read(settings, says(4_150_000), at=NOON + timedelta(minutes=1))

    assert MarketPrice.objects.get().usd_per_mwh == Decimal("41.5")
    feed = MarketFeed.objects.get()
    assert feed.observed_at == NOON
    assert "beyond any market" in feed.failing_reason


def test_a_failing_feed_is_failing_since_its_first_failure(pecos, settings):
    for minute in range(3):
        read(settings, says(1), status=500, at=NOON + timedelta(minutes=minute))

    assert MarketFeed.objects.get().failing_since == NOON


def test_a_correction_keeps_what_was_said_before(pecos):
    save([price("40")], "feed", NOON)
    done = save([price("44")], "feed", NOON + HOUR)

    assert done == Saved(added=0, corrected=1)
    assert list(MarketPrice.objects.order_by("observed_at").values_list("usd_per_mwh", "replaced_at")) == [
        (Decimal("40.0000"), NOON + HOUR),
        (Decimal("44.0000"), None),
    ]


def test_who_read_before_the_correction_does_not_take_it_back(pecos):
    save([price("44")], "feed", NOON + HOUR)
    assert save([price("40")], "feed", NOON) == Saved()
    assert MarketPrice.objects.get().usd_per_mwh == 44


def test_the_same_prices_again_change_nothing(pecos):
    save([price("40")], "feed", NOON)
    assert save([price("40")], "feed", NOON + HOUR) == Saved()


@pytest.mark.django_db
def test_without_an_address_nothing_is_asked(settings):
    settings.POWER_PRICE_URL = None
    read_prices()
    assert JobRun.objects.get(name="sites.read_prices").outcome == "skipped"


def test_the_deviation_from_the_day_ahead_dies_away(pecos):
    save([price(str(40 + at), NOON + at * HOUR, index="day_ahead") for at in range(3)], "feed", NOON)
    save([price("60", NOON, 5)], "feed", NOON)
    prices = known(["ERCOT-WEST"], NOON - 48 * HOUR, NOON + 48 * HOUR)

    found = forecasts(prices, "ERCOT-WEST", NOON, 4)

    # 40, 41, 42 and 60 - 40 = 20 at 0.6, 0.3, 0.15 of it; the fourth hour was never said.
    assert found[expect.AHEAD] == [52.0, 47.0, 45.0, None]
    assert found[expect.PERSISTENCE] == [60.0] * 4


def test_an_old_price_is_no_deviation(pecos):
    save([price("40", NOON, index="day_ahead"), price("90", NOON - 3 * HOUR, 5)], "feed", NOON)
    prices = known(["ERCOT-WEST"], NOON - 48 * HOUR, NOON + 48 * HOUR)
    assert forecasts(prices, "ERCOT-WEST", NOON, 1)[expect.AHEAD] == [40.0]


def test_yesterdays_hours_repeat_on_the_second_day():
    found = expect.same_hour_yesterday(lambda at: float(at.hour), NOON, 26)
    assert found[:2] + found[24:] == [17.0, 18.0, 17.0, 18.0]


def test_errors_are_what_was_expected_less_what_came():
    found = expect.errors(NOON, NOON, [40.0, None, 50.0], lambda at: 45.0)
    assert [(one.lead_h, one.error_usd_per_mwh) for one in found] == [(0, -5.0), (2, 5.0)]


def test_a_forecast_is_scored_once_all_its_hours_are_over(pecos):
    Forecast.objects.create(
        market="ERCOT-WEST", method=expect.PERSISTENCE, made_at=NOON, begin_at=NOON, usd_per_mwh=[40.0] * 48
    )
    save([price("50", NOON + at * HOUR) for at in range(48)], "feed", NOON)
    for days in (1, 3, 3):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            forecast_prices()

    assert list(mean_errors("ERCOT-WEST", date(2026, 7, 1))) == [(expect.PERSISTENCE, 48, 10.0, -10.0)]


def test_a_file_of_prices_is_imported_and_its_gaps_are_said(pecos, tmp_path, capsys):
    file = tmp_path / "2024.csv"
    file.write_text("t,rtm\n2024-11-03T00:00,10\n2024-11-03T01:00,11\n2024-11-03T02:00,12\n")
    call_command("import_prices", file, time="t", zone="America/Chicago", column=["rtm=ERCOT-WEST/real_time"])
    assert capsys.readouterr().out == "1 h missing from 2024-11-03 07:00Z\n3 prices read, 3 new, 0 corrected\n"


def test_a_file_that_cannot_be_read_loses_nothing(pecos, tmp_path):
    file = tmp_path / "2024.csv"
    file.write_text("t,rtm\n2024-11-03T00:00,10\n2024-11-03T00:00,11\n")
    with pytest.raises(CommandError, match="stands twice"):
        call_command("import_prices", file, time="t", zone="America/Chicago", column=["rtm=ERCOT-WEST/real_time"])
    assert not MarketPrice.objects.exists()


# What the next MWh costs now


def test_an_index_is_paid_with_its_adder_while_it_is_live_and_is_then_not_known(pecos):
    save([price("-30", minutes=5)], "test", NOON)

    paid = [price_now(contract_at(pecos, NOON), NOON + timedelta(minutes=after)) for after in (2, 10, 30)]

    assert [quote.usd_per_mwh for quote in paid] == [-26, -26, None]
    assert paid[2].reason == "the real-time price of ERCOT-WEST is not known"


def test_by_time_of_use_the_site_s_own_clock_counts(pecos):
    peak = {"name": "peak", "usd_per_mwh": "90", "when": {"begin": "12:00:00", "end": "13:00:00"}}
    terms = {"periods": [peak, {"name": "rest", "usd_per_mwh": "40"}]}
    PowerContract.objects.update(kind="tou", market="", terms=terms)

    assert price_now(contract_at(pecos, NOON), NOON).usd_per_mwh == 94
    assert price_now(contract_at(pecos, NOON), NOON + HOUR).usd_per_mwh == 44


def test_terms_that_cannot_be_read_leave_the_price_unknown(pecos):
    PowerContract.objects.update(kind="tou", market="", terms={"periods": 3})

    assert price_now(contract_at(pecos, NOON), NOON).reason.startswith("the terms of the contract cannot be read")
