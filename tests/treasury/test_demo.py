from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from tests.treasury.books.worlds import mined
from treasury.books import check, queries
from treasury.books.post import post
from treasury.models import JournalEntry, Loan

pytestmark = pytest.mark.django_db


def test_the_demo_books_tie_and_are_told_once(capsys):
    call_command("seed_treasury")
    entries = JournalEntry.objects.count()
    call_command("seed_treasury")

    connection.check_constraints()
    assert list(check.faults()) == []
    assert JournalEntry.objects.count() == entries
    told = [f"{entries} entries in the books", "the wallet into which the estate's pool pays is watched"]
    assert capsys.readouterr().out.splitlines() == [*told, told[0]]
    coins = queries.coins(datetime.now(UTC))
    assert len(coins.wallets_sat) == 4
    assert {code: sat // 10**8 for code, sat in coins.pledged_sat.items()} == {"ANT-1": 2199, "ANT-2": 900}


def test_real_books_are_left_alone(capsys):
    post([mined("m1", 1, 100, 50)], "test")

    call_command("seed_treasury")

    assert (JournalEntry.objects.count(), Loan.objects.count()) == (1, 0)
