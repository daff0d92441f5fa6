"""The price of a month's end: written down by a treasurer, else as the feed said it; kept when the month is closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from cango_ops.base import clock
from compute.models import NetworkReading
from tests.treasury.closing.worlds import OCTOBER, close_october, people
from tests.web.callers import by_session
from treasury.closing import prices
from treasury.closing.checklist import checklist
from treasury.closing.close import Refused
from treasury.closing.month_price import mark_at
from treasury.earnings.span import Month
from treasury.models import PriceMark

pytestmark = pytest.mark.django_db

D = Decimal
END = Month(OCTOBER).end_at
LAST = END - timedelta(seconds=1)
PAGE = "/treasury/reports/2025-10/price/"


@pytest.fixture
def cast():
    return people()


def feed_said(at, usd):
    NetworkReading.objects.create(
        observed_at=at, source="mempool", difficulty=1e14, reward_sat=312_500_000, price_usd=D(usd),
        hashprice_usd_per_ph_day=50.0,
    )  # fmt: skip


def line():
    return next(one for one in checklist(OCTOBER, clock.now()) if one.code == "prices")


def test_a_line_without_prices_says_which_end_lacks_one(cast):
    prices.write("Coinbase", LAST, "109,678.04", cast["ted"])

    assert not line().is_ok
    assert line().proof.endswith("at its beginning: nobody; at its end: Coinbase")


def test_prices_that_a_treasurer_writes_down_settle_the_line(cast):
    for at, usd in (("2025-09-30T23:59:59", "114068.36"), ("2025-10-31T23:59:59", "109,678.04")):
        asked = {"source": "Coinbase", "at": at, "price_usd": usd}
        by_session(cast["ted"]).post("/treasury/reports/2025-10/do/write-price/", asked)

    assert line().is_ok
    mark = mark_at(END)
    assert (mark.price_usd, mark.actor) == (D("109678.04"), "ted@example.com")


def test_where_nobody_wrote_one_down_the_feed_stands_in_and_closing_keeps_it(cast):
    feed_said(END - timedelta(minutes=61), "1.00")
    feed_said(END - timedelta(minutes=5), "109000.00")
    assert mark_at(END).price_usd == D("109000.00")
    assert not PriceMark.objects.exists()

    close_october(cast["ted"])

    mark = PriceMark.objects.get()
    assert (mark.source, mark.at, mark.price_usd, mark.actor) == (
        "mempool", END - timedelta(minutes=5), D("109000.00"), ""
    )  # fmt: skip


def test_a_mark_counts_before_the_feed_and_the_page_says_so(cast):
    prices.write("Coinbase", LAST, "109678.04", cast["ted"])
    feed_said(END - timedelta(minutes=5), "109000.00")

    page = by_session(cast["ines"]).get(PAGE).content.decode()
    rows = by_session(cast["ines"]).get("/api/v1/treasury/reports/2025-10/prices/").json()

    assert "A bitcoin was $109,678.04 at the end of October 2025" in page
    assert "by ted@example.com" in page
    assert "read by the feed" in page
    assert [(row["said_by"], row["price_usd"], row["counts"]) for row in rows] == [
        ("Coinbase", "109678.04", True), ("mempool", "109000.00", False)
    ]  # fmt: skip


def test_a_month_without_a_price_says_where_one_is_written_down(cast):
    assert "ended without a price" in by_session(cast["ted"]).get(PAGE).content.decode()
    assert by_session(cast["vic"]).get(PAGE).status_code == 403
    assert by_session(cast["vic"]).get("/api/v1/treasury/reports/2025-10/prices/").status_code == 403


@pytest.mark.parametrize("at", [END - timedelta(days=20), LAST, END], ids=["its middle", "its last second", "its end"])
def test_a_closed_month_takes_no_price_any_more(cast, at):
    close_october(cast["ted"])

    with pytest.raises(Refused, match="the books are closed up to 2025-11-01"):
        prices.write("Coinbase", at, "1.00", cast["ted"])
    with pytest.raises(DatabaseError, match="closed month"), transaction.atomic():
        PriceMark.objects.bulk_create([PriceMark(source="x", at=at, price_usd=D(1))], ignore_conflicts=True)
    prices.write("Coinbase", END + timedelta(seconds=1), "110000", cast["ted"])
    assert mark_at(END) is None


@pytest.mark.parametrize("usd", ["", "0", "-1", "1.234", "NaN", "Infinity", "1e12", "=1+1", "1.000,00", "12 dollars"])
def test_what_is_no_price_is_refused(cast, usd):
    with pytest.raises(Refused, match="price"):
        prices.write("Coinbase", LAST, usd, cast["ted"])


def test_a_price_is_of_somebody_of_the_past_and_written_once(cast):
    prices.write("Coinbase", LAST, "109678.04", cast["ted"])

    with pytest.raises(Refused, match="kept already"):
        prices.write(" Coinbase ", LAST, "1.00", cast["ted"])
    with pytest.raises(Refused, match="of the future"):
        prices.write("Coinbase", datetime(2999, 1, 1, tzinfo=UTC), "1.00", cast["ted"])
    with pytest.raises(Refused, match="whose price"):
        prices.write("  ", LAST, "1.00", cast["ted"])
    with pytest.raises(Refused, match="no right"):
        prices.write("Coinbase", LAST - timedelta(seconds=1), "1.00", cast["ines"])
    assert PriceMark.objects.count() == 1


def test_an_instant_that_is_none_is_said(cast):
    asked = {"source": "Coinbase", "at": f"{date(2025, 10, 31)} noon", "price_usd": "1.00"}

    page = by_session(cast["ted"]).post("/treasury/reports/2025-10/do/write-price/", asked, follow=True)

    assert "the price&#x27;s time is no instant such as" in page.content.decode()
