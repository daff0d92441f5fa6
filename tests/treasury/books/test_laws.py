"""What the database refuses, whoever writes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from cango_ops.wire import Garbled
from tests.treasury.books.worlds import day, mined, sold
from treasury.books import check
from treasury.books.post import post
from treasury.books.record import record
from treasury.ledger.journal import Leg
from treasury.models import Account, JournalEntry, Posting

pytestmark = pytest.mark.django_db

D = Decimal
DRAW = [Leg("Assets:Cash", "USD", D("5.00")), Leg("Liabilities:Loan:A", "USD", D("-5.00"))]


def entry(source="e1"):
    return JournalEntry.objects.create(source_id=source, kind="test", at=day(1), actor="test", digest="")


def posting(owner, code, **amount):
    account, _ = Account.objects.get_or_create(code=code)
    return Posting.objects.create(entry=owner, account=account, **amount)


def test_an_entry_must_balance_in_every_currency():
    one = entry()
    posting(one, "Assets:Cash", currency="USD", amount=5)
    posting(one, "Assets:Cash", currency="USDT", amount=-5)

    with pytest.raises(DatabaseError, match="entry e1 does not balance in USD, USDT"):
        connection.check_constraints()


def test_an_entry_without_postings_is_refused():
    entry()

    with pytest.raises(DatabaseError, match="fewer than two postings"):
        connection.check_constraints()


@pytest.mark.parametrize(
    "amount", [{"currency": "BTC", "amount": 1}, {"currency": "USD", "amount_sat": 1}, {"currency": "USD"}]
)
def test_bitcoin_is_satoshis_and_money_is_dollars(amount):
    with pytest.raises(IntegrityError, match="posting_in_one_unit"):
        posting(entry(), "Assets:Cash", **amount)


@pytest.mark.parametrize("table", ["journalentry", "posting", "lot", "lotuse"])
@pytest.mark.parametrize("statement", ["UPDATE treasury_{} SET id = id", "DELETE FROM treasury_{}"])
def test_nothing_is_changed_or_removed(table, statement):
    post([mined("m1", 1, 100, 100), sold("s1", 2, 10)], "test")

    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(statement.format(table))


def test_the_instant_of_a_posting_is_its_entry_s():
    one = entry()
    posting(one, "Equity:Opening", currency="USD", amount=0)
    lied = posting(one, "Assets:Cash", currency="USD", amount=0, at=day(1) + timedelta(days=9))

    lied.refresh_from_db()
    assert lied.at == day(1)


@pytest.mark.django_db(transaction=True)
def test_no_posting_joins_an_entry_of_an_earlier_transaction():
    post([mined("m1", 1, 100, 100)], "test")

    with pytest.raises(DatabaseError, match="joins no entry of an earlier transaction"):
        posting(JournalEntry.objects.get(), "Assets:Cash", currency="USD", amount=0)


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_does_not_balance_leaves_nothing():
    @transaction.atomic
    def write():
        one = entry()
        posting(one, "Assets:Cash", currency="USD", amount=5)
        posting(one, "Equity:Opening", currency="USD", amount=-4)

    with pytest.raises(DatabaseError, match="does not balance"):
        write()

    assert not JournalEntry.objects.exists()


def test_an_entry_of_money_is_recorded_once():
    assert record("draw-1", "draw", day(1), DRAW, "test")
    assert not record("draw-1", "draw", day(1), DRAW, "test")

    with pytest.raises(Garbled, match="different content"):
        record("draw-1", "draw", day(2), DRAW, "test")


@pytest.mark.parametrize(
    ("kind", "legs", "why"),
    [
        ("draw", DRAW[:1], "does not balance in USD"),
        ("draw", [], "it has one leg"),
        ("mined", DRAW, "no kind of entry"),
        ("draw", [Leg("Assets:Bitcoin:Wallet:hot", "BTC", 1), Leg("X", "BTC", -1)], "coins move by facts alone"),
    ],
)
def test_an_entry_that_cannot_be_recorded_is_one_clear_sentence(kind, legs, why):
    with pytest.raises(Garbled, match=why):
        record("draw-1", kind, day(1), legs, "test")


def test_the_check_finds_what_does_not_tie():
    post([mined("m1", 1, 100, 100)], "test")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE treasury_openlot SET left_sat = 99")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE treasury_dayturnover SET amount = amount + 1 WHERE currency = 'USD'")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    found = list(check.faults())

    assert "open lots hold 99 sat, wallets and loans 100 sat" in found
    assert len(found) == 7
