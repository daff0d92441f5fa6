"""Beancount text that the books wrote, or somebody by hand, comes back in as the same facts."""

from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from tests.treasury.books.worlds import day, mined, moved, pledged, released, sold
from tests.treasury.ledger.strategies import histories
from treasury.books import export, queries
from treasury.books.imports import fact_of, load, parse
from treasury.books.post import post
from treasury.ledger import beancount
from treasury.ledger.facts import Moved, in_order
from treasury.ledger.telling import cells
from treasury.models import JournalEntry

pytestmark = pytest.mark.django_db
FACTS = [
    mined("m1", 1, 100, 100, wallet="Hot"),
    mined('a "quoted" \\ id', 2, 100, 300),
    mined("m3", 3, 50, 60, wallet="cold wallet/é"),
    pledged("p1", 4, 50),
    moved("t1", 5, 20, fee=3),
    released("r1", 6, 20),
    sold("s1", 7, 10, currency="USDT", fee="0.01"),
    replace(sold("s2", 8, 10, lots=[("m1", None), ("b;2", 3)]), seq=4),
]
BY_HAND = """
; Two coins, bought by hand.
option "title" "Anybody's books"
2025-07-01 commodity SAT
2025-07-01 open Assets:Bitcoin:Wallet:Vault SAT
2025-07-01 open Assets:BitcoinCost:Bought USD

2025-07-02 * "Exchange" "two coins"  
  source: "deal-7"
  type: "bought"
  at: "2025-07-02T09:00:00+02:00"
  wallet: "vault"
  sat: 200000000
  cost_usd: 210000.50  ; as invoiced
  Assets:Bitcoin:Wallet:Vault  200000000 SAT
  Equity:Bitcoin:Bought       -200000000 SAT
  Assets:BitcoinCost:Bought    210000.50 USD
  Assets:Cash                 -210000.50 USD
"""


def exported():
    return "".join(export.as_beancount(queries.all_between(day(1), day(99)))).encode()


def test_what_the_books_export_is_read_as_the_same_facts():
    post(FACTS[:7], "test")
    reading = parse(exported())

    assert (reading.facts, reading.wrong) == (FACTS[:7], [])
    assert sorted(reading.derived) == ["costing/0/s1", "costing/0/t1"]


def test_other_books_that_read_it_export_the_same_text():
    with transaction.atomic():
        post(FACTS[:7], "test")
        text = exported()
        transaction.set_rollback(True)
    load(text, "test")

    assert exported() == text
    assert load(text, "test")[1].repeated == [fact.source for fact in FACTS[:7]]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(most=10), st.randoms())
def test_any_history_comes_back_whole(db, facts, chance):
    facts = [one for one in in_order(facts) if not is_from_loan_to_loan(one)]
    with transaction.atomic():
        kept = set(post(facts, "test").posted)
        reading = parse(exported())
        transaction.set_rollback(True)

    assert reading.wrong == []
    assert reading.facts == [fact for fact in facts if fact.source in kept]


def is_from_loan_to_loan(fact):
    return isinstance(fact, Moved) and {fact.origin.kind, fact.target.kind} == {"loan"}


def test_lots_that_were_named_with_amounts_come_back_too():
    assert fact_of(cells(FACTS[7])) == FACTS[7]


def test_what_somebody_wrote_by_hand_is_read_with_its_day_in_utc():
    reading, receipt = load(BY_HAND.encode(), "test", dry_run=True)

    assert (reading.wrong, receipt.posted) == ([], ["deal-7"])
    assert (reading.facts[0].at.hour, reading.facts[0].sat, str(reading.facts[0].cost_usd)) == (
        7,
        2 * 10**8,
        "210000.50",
    )
    assert not JournalEntry.objects.exists()


CASH = "Assets:Cash                 -210000.50 USD"
WRONG = {
    "another amount": (
        CASH,
        CASH.replace(".50", ".51"),
        "line 8: -210000.51 USD of Assets:Cash is not what deal-7 books",
    ),
    "a posting too few": (
        f"  {CASH}\n",
        "",
        "line 8: -210000.50 USD of Assets:Cash is missing of what deal-7 books by",
    ),
    "another day": ("2025-07-02 *", "2025-07-03 *", "line 8: the day is 2025-07-03, and `at` 2025-07-02 in UTC"),
    "no type": ('  type: "bought"\n', "", "line 8: type is missing"),
    "no kind of fact": ('"bought"', '"interest"', "line 8: type is 'interest', not one of opening, mined,"),
    "an amount left out": (CASH, "Assets:Cash", "line 18: no account with an amount and its currency"),
    "a cost in braces": ("200000000 SAT\n  Eq", "200000000 SAT {1 USD}\n  Eq", "line 15: no account with an amount"),
    "half a satoshi": ("-200000000 SAT", "-200000000.5 SAT", "line 16: a part of a satoshi"),
    "a flag": ("2025-07-02 *", "2025-07-02 !", "line 8: a flagged transaction is not read"),
    "a balance": (
        'option "title" "Anybody\'s books"',
        "2025-07-01 balance Assets:Cash 0 USD",
        "line 3: 'balance' is not",
    ),
    "an include": ("; Two coins, bought by hand.", 'include "more.beancount"', "line 2: 'include' is not read"),
    "a tag": ('"two coins"  ', '"two coins" #tag', "line 8: a transaction has one or two quoted words"),
    "no such day": ("2025-07-02 *", "2025-02-30 *", "line 8: 2025-02-30 is no day"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_for_certain_is_named_by_its_line_and_nothing_is_posted(name):
    old, new, said = WRONG[name]
    assert old in BY_HAND
    reading, receipt = load(BY_HAND.replace(old, new).encode(), "test")

    assert reading.wrong[0].startswith(said)
    assert (receipt.posted, JournalEntry.objects.count()) == ([], 0)


def test_every_wrong_line_is_named_at_once():
    twice = BY_HAND + BY_HAND.replace('"bought"', '"gift"').replace("deal-7", "deal-8") + BY_HAND
    reading = parse(twice.encode())

    assert [line.partition(":")[0] for line in reading.wrong] == ["line 26", "line 44"]
    assert reading.wrong[1] == "line 44: deal-7 stands in line 8 already"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300).map(lambda noise: '2025-07-01 open Assets:A\n2025-07-01 * "x"\n' + noise))
def test_noise_is_told_and_never_breaks(noise):
    try:
        beancount.read(noise.encode("utf-8", "surrogatepass"))
    except Garbled:
        return


def test_the_command_takes_it_like_any_other_file(tmp_path, capsys):
    file = tmp_path / "books.beancount"
    file.write_text(BY_HAND)

    call_command("ledger_import", str(file))
    call_command("ledger_export", "beancount", str(tmp_path / "again.beancount"))
    call_command("ledger_import", str(tmp_path / "again.beancount"))

    out = capsys.readouterr().out.splitlines()
    assert out[0] == "1 posted, 0 were there, 0 refused, 0 costed anew"
    assert out[2] == "0 posted, 1 were there, 0 refused, 0 costed anew"
