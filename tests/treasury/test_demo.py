from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from tests.treasury.books.worlds import mined
from treasury import demo
from treasury.books import check, queries
from treasury.books.post import post
from treasury.earnings.span import Month
from treasury.loans.position import loan_now
from treasury.models import JournalEntry, Loan
from treasury.money import btc, half_up
from treasury.reports import from_books
from treasury.reports.figures import cell

pytestmark = pytest.mark.django_db
D = Decimal


def test_the_demo_books_tie_and_are_told_once(capsys):
    call_command("seed_treasury")
    entries = JournalEntry.objects.count()
    call_command("seed_treasury")

    connection.check_constraints()
    assert list(check.faults()) == []
    assert JournalEntry.objects.count() == entries
    assert [line for line in capsys.readouterr().out.splitlines() if "entries" in line] == [
        f"{entries} entries in the books"
    ] * 2
    coins = queries.coins(datetime.now(UTC))
    assert sum(coins.pledged_sat.values()) == 750 * 10**8
    assert (
        not JournalEntry.objects.filter(kind__in=["mined", "sale"])
        .exclude(evidence__proof={"evidence": "reconstruction from published figures"})
        .exists()
    )
    assert not JournalEntry.objects.filter(kind__in=["cost", "investment"], evidence={}).exists()


STOCK_BTC = {
    "2024-12": "933.8", "2025-03": "2474.8", "2025-04": "2944.8", "2025-06": "3879.2", "2025-07": "4529.7",
    "2025-08": "5193.4", "2025-09": "5810.0", "2025-10": "6412.6", "2025-11": "6959.3", "2025-12": "7528.3",
    "2026-01": "7474.67", "2026-02": "3313.4", "2026-03": "1025.69",
}  # fmt: skip
MINED_BTC = {"2024-11": "363.9", "2025-04": "470.0", "2025-05": "484.5", "2025-10": "602.6", "2025-12": "569.0"}
PRINCIPAL_USD = {
    "2024-12-31": "17067978", "2025-06-30": "225204003", "2025-09-30": "405100000", "2025-12-31": "557600000",
    "2026-03-31": "30600000",
}  # fmt: skip
CASH_USD = {"2025-06-30": "117792694", "2025-09-30": "44900000", "2025-12-31": "41200000"}


def end_of(day):
    return datetime.fromisoformat(f"{day}T23:59:59+00:00")


def test_every_published_figure_comes_out_as_it_was_published(subtests):
    demo.seed(date(2026, 11, 21), D(90_000))

    for month, held in STOCK_BTC.items():
        with subtests.test(stock=month):
            end = Month(date.fromisoformat(f"{month}-01")).end_at
            places = -D(held).as_tuple().exponent
            assert half_up(btc(queries.coins(end, before=True).held_sat), places) == D(held)
    for month, mined_btc in MINED_BTC.items():
        with subtests.test(mined=month):
            found = from_books.facts(Month(date.fromisoformat(f"{month}-01")))
            assert half_up(cell(found, "btc_produced").value, 1) == D(mined_btc)
    for day, usd in PRINCIPAL_USD.items():
        with subtests.test(principal=day):
            assert loan_now(Loan.objects.get(), end_of(day), None, 0).principal_usd == D(usd)
    for day, usd in CASH_USD.items():
        with subtests.test(cash=day):
            assert {row.currency: row.amount for row in queries.balances(end_of(day), "Assets:Cash")} == {"USD": D(usd)}
    with subtests.test("the great sale, in a currency that is not the dollar"):
        sales = JournalEntry.objects.filter(source_id__startswith="demo/2026-02-07/sale", kind="sale")
        legs = [leg for sale in sales for leg in sale.postings.filter(currency="USDT", account__code="Assets:Cash")]
        assert half_up(sum(leg.amount for leg in legs) / 10**6, 1) == D("305.0")
        assert {row.currency: row.amount for row in queries.balances(end_of("2026-02-07"), "Assets:Cash")}["USDT"] == 0


def test_real_books_are_left_alone(capsys):
    post([mined("m1", 1, 100, 50)], "test")

    call_command("seed_treasury")

    assert (JournalEntry.objects.count(), Loan.objects.count()) == (1, 0)
