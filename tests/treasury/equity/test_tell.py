from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from cango_ops.base.models import AuditEvent
from cango_ops.wire import Garbled
from tests.treasury.books.worlds import mined
from treasury.books.post import post
from treasury.equity.demo import tell_demo
from treasury.equity.imports import load
from treasury.equity.worth import raised_usd, share_history, worth
from treasury.models import CostAmount, DilutiveRight, PriceMark, ShareChange, SharePrice

pytestmark = pytest.mark.django_db
D = Decimal
HEAD = (
    "source,record,on,class,kind,shares,price_usd,number,strike_usd,"
    "principal_usd,conversion_price_usd,item,amount_usd\n"
)
TABLE = (
    HEAD
    + """\
s1,shares,2025-01-01,A,opening,1000000,,,,,,,
s2,shares,2026-02-12,B,raise,200000,1.50,,,,,,
r1,right,2025-06-01,,option,,,50000,1.00,,,,
r2,right,2025-06-01,,rsu,,,10000,,,,,
r3,right,2025-06-01,,convertible,,,,,30000.00,2.00,,
p1,price,2026-02-27,,,,1.25,,,,,,
b1,balance,2026-02-01,,,,,,,,,cash,5000.00
b2,balance,2026-02-01,,,,,,,,,debt,30000.00
c1,cost,2026-01-15,,cash,,,,,,,hosting,700.00
"""
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_table_is_written_down_once():
    first = load(TABLE.encode(), "ada")[1]
    again = load(TABLE.encode(), "ada")[1]

    assert (len(first.written), first.repeated) == (9, [])
    assert (again.written, len(again.repeated)) == ([], 9)
    assert AuditEvent.objects.filter(verb="tell capital").count() == 1
    assert CostAmount.objects.get().month == date(2026, 1, 1)


def test_a_trial_writes_nothing():
    _, receipt = load(TABLE.encode(), "ada", dry_run=True)

    assert len(receipt.written) == 9
    assert not ShareChange.objects.exists()
    assert not AuditEvent.objects.exists()


def test_one_wrong_line_keeps_the_whole_file_out():
    reading, receipt = load(
        (TABLE + "x,shares,2026-01-01,A,gift,5,,,,,,,\ny,tea,2026-01-01,,,,,,,,,,\n").encode(), "ada"
    )

    assert reading.wrong == [
        "line 11: kind is 'gift', not one of opening, raise, exercise, conversion, buyback",
        "line 12: record is 'tea', not one of shares, right, price, balance, cost",
    ]
    assert receipt.written == []
    assert not SharePrice.objects.exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("x,shares,2026-01-01,A,raise,1.5,,,,,,,", "shares is no whole number"),
        ("x,shares,soon,A,raise,1,,,,,,,", "on is 'soon', not a date"),
        ("x,shares,2026-01-01,A,raise,0,,,,,,,", "shares is 0"),
        ("x,price,2026-01-01,,,,0,,,,,,", "price_usd is not above zero"),
        ("x,price,2026-01-01,,,,1.0000001,,,,,,", "no price with at most six places"),
        ("x,right,2026-01-01,,option,,,5,,,,,", "strike_usd is missing"),
        ("x,right,2026-01-01,,convertible,,,,,1,,,", "conversion_price_usd is missing"),
        ("x,balance,2026-01-01,,,,,,,,,cash,1.001", "no amount of dollars and cents"),
        ("x,balance,2026-01-01,,,,,,,,,gold,1", "item is 'gold', not one of cash"),
        (",price,2026-01-01,,,,1,,,,,,", "source is missing"),
    ],
)
def test_each_wrong_field_is_named(line, why):
    reading, _ = load((HEAD + line + "\n").encode(), "ada")

    assert len(reading.wrong) == 1
    assert why in reading.wrong[0]


def test_an_id_says_one_thing():
    load(TABLE.encode(), "ada")

    with pytest.raises(Garbled, match="s1 is written down with different content"):
        load(TABLE.replace("1000000", "1000001").encode(), "ada")


def test_shares_never_fall_below_none():
    with pytest.raises(Garbled, match="class A would have fewer shares than none on 2026-01-01"):
        load((HEAD + "x,shares,2026-01-01,A,buyback,-1,,,,,,,\n").encode(), "ada")
    assert not ShareChange.objects.exists()


def test_the_database_keeps_what_was_told():
    load(TABLE.encode(), "ada")

    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        ShareChange.objects.update(shares=1)
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        DilutiveRight.objects.all().delete()


def test_the_worth_is_that_of_the_definitions():
    load(TABLE.encode(), "ada")
    post([mined("m1", 1, 10**8, 50)], "test")
    PriceMark.objects.create(source="coinbase", at=NOW, price_usd=D("100000.00"))

    found = worth(NOW)

    # 1.2m shares + 50,000 x 0.25 / 1.25 + 10,000 = 1.22m at 1.25; the note is out of the money, so it is debt.
    assert found.shares == {"A": 1_000_000, "B": 200_000}
    assert found.nav is not None
    assert (found.nav.diluted_shares, found.nav.market_cap_usd) == (D("1220000.00"), D("1525000.00"))
    assert found.nav.enterprise_value_usd == D("1550000.00")
    assert found.nav.net_asset_value_usd == D("75000.00")
    assert (found.nav.mnav_market_cap, found.nav.mnav_ev, found.nav.mnav_net) == (
        D("15.2500"),
        D("15.5000"),
        D("20.3333"),
    )
    assert found.nav.sats_per_share == D("81.97")
    assert found.reasons == ()
    assert {amount.name: amount.usd for amount in found.amounts}["Debt"] == D("30000.00")


def test_the_yield_of_the_year_counts_everything_that_may_become_a_share():
    load(TABLE.encode(), "ada")
    post([mined("m1", 1, 10**8, 50)], "test")

    found = worth(NOW).of_year

    # Before the year: 1,000,000 + 50,000 + 10,000 + 15,000 shares; now 200,000 more, and no more bitcoin.
    assert (found.opening_sats_per_share, found.closing_sats_per_share) == (D("93.02"), D("78.43"))
    assert found.btc_yield_pct == D("-15.6863")


def test_what_is_not_known_has_a_reason_and_no_figure():
    found = worth(NOW)

    assert found.nav is None
    assert found.reasons == (
        "no share price is written down", "no shares are written down", "bitcoin: no price was ever read",
    )  # fmt: skip


def test_an_old_share_price_is_not_the_markets_word():
    load(TABLE.encode(), "ada")

    assert worth(datetime(2026, 3, 5, tzinfo=UTC)).share_price.words == "the newest share price is of 2026-02-27"


def test_the_raises_tie_to_the_shares():
    load(TABLE.encode(), "ada")

    assert [(one.row.source_id, one.usd, one.after) for one in share_history()] == [
        ("s2", D(300_000), 1_200_000), ("s1", None, 1_000_000),
    ]  # fmt: skip
    assert raised_usd() == D(300_000)


def test_the_command_tells_a_file_and_refuses_a_wrong_one(tmp_path, capsys):
    path = tmp_path / "capital.csv"
    path.write_text(TABLE)
    call_command("capital_import", str(path), "--dry-run")
    call_command("capital_import", str(path))

    assert capsys.readouterr().out == "9 would be written, 0 were there\n9 written, 0 were there\n"
    path.write_text("source,on\n")
    with pytest.raises(CommandError, match="the file has no column record"):
        call_command("capital_import", str(path))


def test_the_demo_tells_the_published_raises_in_demo_books_alone():
    assert tell_demo(date(2026, 11, 21)) == 0
    post([mined("demo/m1", 1, 10**8, 50)], "demo")

    assert tell_demo(date(2026, 11, 21)) > 0
    assert tell_demo(date(2026, 11, 21)) == 0
    assert raised_usd() == D("75499999.68")  # 10.5 and 65 million dollars, to the share
