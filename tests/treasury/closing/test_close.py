"""A month is closed by a settled checklist, held by the database, and reopened by two people."""

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from compute.models import PoolAccount, PoolReading
from sites.models import Operator
from tests.treasury.closing.worlds import OCTOBER, close_october, explain_all, mined_on, people
from treasury.books import entries
from treasury.books.post import draft, post
from treasury.closing.checklist import checklist, named
from treasury.closing.close import Refused, ask_to_reopen, close, closed, explain, is_closed, reopen
from treasury.models import ClosedMonth, JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return people()


def line(code):
    return next(one for one in checklist(OCTOBER, clock.now()) if one.code == code)


def test_every_line_has_its_proof_and_owner():
    post([mined_on(day) for day in (1, 2, 31)], "test")

    lines = checklist(OCTOBER, clock.now())

    assert [one.code for one in lines] == [
        "over", "telemetry", "production", "chain", "prices", "loans", "interest", "books", "approvals",
    ]  # fmt: skip
    assert all(one.proof and one.owner for one in lines)
    assert line("production").proof == "mined coins are booked on 3 of 31 days; no pool was read"
    assert not line("production").is_ok
    assert line("books").proof == "turnovers, lots and wallets tie to the satoshi"


def test_a_full_month_of_payouts_needs_no_explanation():
    post([mined_on(day) for day in range(1, 32)], "test")

    assert line("production").is_ok


def test_what_pools_said_is_held_against_the_books():
    company = Operator.objects.create(code="cango", name="Cango", is_company=True)
    pool = PoolAccount.objects.create(name="one", operator=company, provider="test")
    post([mined_on(day) for day in range(1, 32)], "test")
    for day in range(1, 32):
        at = datetime(2025, 10, day, 23, 50, tzinfo=UTC)
        PoolReading.objects.create(account=pool, observed_at=at, earned_24h_sat=100 if day < 31 else 150)

    assert line("production").proof.endswith("3,100 sat booked, 3,150 sat said by the pools")
    assert not line("production").is_ok


def test_an_explained_line_is_settled_and_names_who_explained_it(cast):
    explain(OCTOBER, "prices", "compared with our node at height 921,500", cast["ted"])

    assert line("prices").is_settled
    assert line("prices").explanation == "compared with our node at height 921,500 (ted@example.com)"
    assert line("prices").word == "explained"


def test_a_month_with_open_lines_is_not_closed_and_the_lines_are_named(cast):
    with pytest.raises(Refused, match="open on the checklist: Telemetry is complete; Pool payouts are booked"):
        close(OCTOBER, cast["ted"])
    assert not ClosedMonth.objects.exists()


def test_a_month_that_has_not_ended_cannot_be_explained_away(cast):
    month = clock.now().date().replace(day=1)
    explain_all(month, cast["ted"])
    explain(month, "over", "we are in a hurry this time", cast["ted"])

    with pytest.raises(Refused, match="The month is over"):
        close(month, cast["ted"])


def test_only_those_who_keep_the_books_close(cast):
    for name in ("ines", "vic"):
        with pytest.raises(Refused, match="no right"):
            close(OCTOBER, cast[name])


def test_facts_dated_in_a_closed_month_are_refused_in_words_and_by_the_database(cast):
    close_october(cast["ted"])

    for early in (mined_on(31), mined_on(1, month=9)):
        why = "the books are closed before 2025-11-01: book it there as an adjustment, or reopen the month"
        assert post([early], "test").refused == {early.source: why}
        with pytest.raises(DatabaseError, match="is dated in a closed month"), transaction.atomic():
            entries.write([draft(early, "test", None)])
    assert not JournalEntry.objects.exists()
    assert post([mined_on(1, month=11)], "test").posted == ["m11-1"]


def test_a_fact_that_was_posted_before_may_be_told_again(cast):
    post([mined_on(5)], "test")
    close_october(cast["ted"])

    assert post([mined_on(5)], "test").repeated == ["m10-5"]


def test_a_closing_keeps_its_checklist_and_is_on_record(cast):
    row = close_october(cast["ted"])

    assert {one["code"]: bool(one["explanation"]) for one in row.proof}["chain"]
    assert AuditEvent.objects.filter(verb="close month", target="month/2025-10", actor="ted@example.com").exists()
    with pytest.raises(Refused, match="closed already"):
        close(OCTOBER, cast["tia"])


def test_reopening_takes_two_people(cast):
    close_october(cast["ted"])
    with pytest.raises(Refused, match="nobody has asked"):
        reopen(OCTOBER, cast["tia"])

    ask_to_reopen(OCTOBER, "a payout of the 31st came late", cast["ted"])
    with pytest.raises(Refused, match="another person"):
        reopen(OCTOBER, cast["ted"])
    assert is_closed(OCTOBER)
    reopen(OCTOBER, cast["tia"])

    assert closed(OCTOBER) is None
    assert post([mined_on(31)], "test").posted == ["m10-31"]


def test_only_the_last_closed_month_is_reopened(cast):
    close_october(cast["ted"])

    with pytest.raises(Refused, match="closed last"):
        ask_to_reopen(date(2025, 9, 1), "we want to change September", cast["ted"])
    assert is_closed(date(2025, 9, 1))


def test_a_month_that_is_the_last_no_more_is_not_reopened_either(cast):
    close_october(cast["ted"])
    ask_to_reopen(OCTOBER, "a payout of the 31st came late", cast["ted"])
    november = date(2025, 11, 1)
    explain_all(november, cast["ted"])
    close(november, cast["ted"])

    with pytest.raises(Refused, match="closed last"):
        reopen(OCTOBER, cast["tia"])

    assert closed(OCTOBER) is not None


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM treasury_closedmonth",
        "UPDATE treasury_closedmonth SET closed_by = 'somebody else'",
        "UPDATE treasury_closedmonth SET reopened_at = now(), reopened_by_id = 1",
        "DELETE FROM treasury_explanation",
    ],
)
def test_the_database_keeps_who_closed_what_and_why(cast, statement):
    close_october(cast["ted"])

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


def test_what_is_complete_says_so_and_what_is_not_names_its_first():
    assert line("approvals").proof == "nothing waits for approval"
    assert named(list("ABCDE")) == "A, B, C, D, E"
    assert named(list("ABCDEFG")) == "A, B, C, D, E and 2 more"
