"""Two posters at once, an import told twice, a connection lost in the middle: nothing double, nothing lost."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from tests.base.threads import in_threads
from tests.treasury.books.worlds import day, mined, sold
from treasury.books import check, entries, queries
from treasury.books.post import post
from treasury.models import JournalEntry

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = [*(mined(f"m{n}", n, 100, 10 * n) for n in range(1, 11)), *(sold(f"s{n}", n, 50) for n in range(2, 11))]


def test_two_imports_of_the_same_facts_at_once_post_each_once():
    receipts = in_threads(4, lambda: post(FACTS, "test"))

    assert sorted(len(receipt.posted) for receipt in receipts) == [0, 0, 0, 19]
    assert queries.coins(day(99)).held_sat == 550
    assert list(check.faults()) == []


def test_posters_of_different_facts_leave_what_one_would_have_left():
    shares = iter([FACTS[0::3], FACTS[1::3], FACTS[2::3]])
    lock = threading.Lock()

    def work():
        with lock:
            mine = next(shares)
        return [fact for fact in mine if fact.source in post(mine, "test").refused]

    left = [fact for refused in in_threads(3, work) for fact in refused]
    post(left, "test")

    assert queries.open_lots_total() == (6, 550, queries.Book.at(day(99)).usd_under("Assets:BitcoinCost"))
    assert list(check.faults()) == []


def test_a_poster_whose_connection_dies_leaves_nothing_and_can_begin_again():
    met, failed = threading.Barrier(2), []

    def work():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = 'doomed'")
            met.wait()
            post(FACTS, "test")
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        entries.lock()
        doomed = threading.Thread(target=work)
        doomed.start()
        met.wait()
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doomed'")
        assert cursor.fetchone() == (True,)
        doomed.join()

    assert len(failed) == 1
    assert not JournalEntry.objects.exists()
    assert len(post(FACTS, "test").posted) == 19
    assert list(check.faults()) == []


def test_what_fails_after_the_postings_takes_them_along():
    class Lost(Exception):
        """The process ends here."""

    @transaction.atomic
    def interrupted():
        post(FACTS, "test")
        raise Lost

    with pytest.raises(Lost):
        interrupted()

    assert not JournalEntry.objects.exists()
    assert queries.balances(day(99)) == []
