"""What a lender told and what files bring in: another person confirms it, and then it is in the books once."""

import pytest
from django.db import connection

from cango_ops.base import clock
from cango_ops.wire import Garbled
from tests.base.threads import in_threads
from tests.treasury.proposals.worlds import BTC, D, approved_import, ask, done, forbid, make_books, say_yes
from treasury.books import check, queries
from treasury.books.imports import parse
from treasury.closing.close import Refused
from treasury.models import JournalEntry, LoanEvent, Proposal
from treasury.proposals import importing
from treasury.proposals.book import book

pytestmark = pytest.mark.django_db


def today():
    return f"{clock.now():%Y-%m-%d}"


def told(cast, kind, **terms):
    return ask(cast["ted"], kind, loan="A", on=today(), reason="letter of the lender", **terms)


def test_a_liquidation_waits_for_another_person_and_then_coins_leave_with_their_lots(cast):
    row = told(cast, "liquidation", sat=2 * BTC, price_usd="30000")
    assert [line["code"] for line in row.effect if line["code"] == "loan_ltv_pct"]
    assert queries.coins(clock.now()).pledged_sat == {"A": 20 * BTC}
    with pytest.raises(Refused, match="nobody approves a proposal of their own"):
        say_yes(row, cast["ted"])

    say_yes(row, cast["tia"])

    assert queries.coins(clock.now()).pledged_sat == {"A": 18 * BTC}
    # 2 BTC of the oldest lot cost 80,000 and brought 60,000.
    assert queries.gain_of(f"proposal/{row.pk}/2")[0].basis_usd == D("80000.00")
    assert Proposal.objects.get(pk=row.pk).state == "booked"
    assert list(check.faults()) == []


def test_a_call_and_a_rate_are_on_the_loan_once_confirmed_and_no_cap_stops_them(cast):
    call, rate = told(cast, "call", sat=500 * BTC), told(cast, "rate", rate_pct="7.25")
    assert not LoanEvent.objects.filter(kind__in=["call", "rate"]).exists()

    for row in (call, rate):
        say_yes(row, cast["ann"])

    assert LoanEvent.objects.get(kind="call").sat == 500 * BTC
    assert LoanEvent.objects.get(kind="rate").rate == D("0.0725")


def test_more_than_is_pledged_is_not_liquidated(cast):
    with pytest.raises(Refused, match=r"has 20\.00 BTC pledged"):
        told(cast, "liquidation", sat=21 * BTC, price_usd="30000")


def test_a_liquidation_is_the_lenders_and_no_embargo_stops_it(cast):
    forbid(cast["ines"])

    assert say_yes(told(cast, "liquidation", sat=BTC, price_usd="30000"), cast["tia"]).state == "booked"


FILE = """source,type,at,wallet,sat,price_usd,loan
i1,pledge,{at},hot,10000000,,A
i2,sale,{at},hot,30000000,50000,
"""


def facts():
    return FILE.format(at=clock.now().isoformat()).encode()


def bring(body, number=None, **said):
    return importing.brought_in(body, "import", "facts.csv", number, **said)


def test_a_file_in_which_coins_move_takes_an_approved_proposal_of_this_very_file(cast):
    body = facts()
    with pytest.raises(Refused, match="have an import proposed and approved with the SHA-256"):
        bring(body)
    row = ask(cast["ted"], "import", file_sha256=parse(body).sha256, facts=2)
    with pytest.raises(Refused, match="waits"):
        bring(body, row.pk)
    say_yes(row, cast["tia"])
    with pytest.raises(Refused, match="is of another file"):
        bring(body + b"\n", row.pk)
    with pytest.raises(Refused, match="is no import"):
        bring(body, ask(cast["ted"], "release", loan="A", wallet="hot", sat=1).pk)

    assert bring(body, row.pk)[1].posted == ["i1", "i2"]

    row.refresh_from_db()
    assert (row.state, row.sources) == ("booked", ["i1", "i2"])
    assert bring(body, row.pk)[1].repeated == ["i1", "i2"]
    assert JournalEntry.objects.get(source_id="i2").actor == "ted@example.com"


def test_a_file_of_coins_that_came_takes_no_word_and_a_dry_run_posts_nothing(cast):
    came = f"source,type,at,wallet,sat,price_usd\ni0,mined,{clock.now().isoformat()},hot,5,50000\n".encode()

    assert bring(came)[1].posted == ["i0"]
    assert bring(facts(), dry_run=True)[1].posted == ["i1", "i2"]
    assert not JournalEntry.objects.filter(source_id="i1").exists()


def test_no_embargo_is_walked_around_by_a_file(cast):
    row = ask(cast["ted"], "import", file_sha256="0" * 64, facts=2)
    forbid(cast["ines"])
    body = facts()
    row = say_yes(ask(cast["ted"], "import", file_sha256=parse(body).sha256, facts=2), cast["tia"])

    with pytest.raises(Refused, match="the file sells coins since it began"):
        bring(body, row.pk)


def test_an_import_is_not_booked_by_hand(cast):
    row = say_yes(ask(cast["ted"], "import", file_sha256="0" * 64, facts=2), cast["tia"])

    with pytest.raises(Refused, match="ledger_import FILE --proposal"):
        book(row, done(), cast["ted"])


@pytest.mark.django_db(transaction=True)
def test_one_file_at_once_from_several_processes_is_in_the_books_once(transactional_db):
    make_books()
    body = facts()
    number = approved_import(parse(body).sha256, 2)

    def work():
        try:
            return len(bring(body, number)[1].posted)
        except (Refused, Garbled) as why:
            return str(why)
        finally:
            connection.close()

    assert sorted(in_threads(4, work)) == [0, 0, 0, 2]
    assert JournalEntry.objects.filter(kind__in=["pledge", "sale"], source_id__startswith="i").count() == 2
    assert list(check.faults()) == []
