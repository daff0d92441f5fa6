"""What was carried out is booked once, within what was approved; what the schedule and the close do about the rest."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import AuditEvent, JobRun
from tests.treasury.proposals.worlds import BTC, OWN, ask, booked, coins, done, known, say_yes
from treasury import tasks
from treasury.books import check, methods, queries
from treasury.books.post import post
from treasury.closing.checklist import checklist
from treasury.closing.close import Refused
from treasury.ledger.facts import Sold
from treasury.ledger.lots import Method
from treasury.lending.course import Kind
from treasury.loans.interest import post_due, unposted
from treasury.models import JournalEntry, Loan, LoanEvent, Proposal
from treasury.proposals.book import book

pytestmark = pytest.mark.django_db

D = Decimal


def test_a_sale_is_booked_once_with_its_evidence(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])
    what = done(fee_usd=D("25.00"), file_sha256="ab" * 32, file_name="confirmation.pdf")

    for _ in range(3):
        assert book(proposal, what, cast["ted"]).state == "booked"

    entry = JournalEntry.objects.get(kind="sale")
    assert entry.source_id == f"proposal/{proposal.pk}"
    assert entry.evidence["proof"]["file_sha256"] == "ab" * 32
    assert queries.gain_of(entry.source_id)[0].basis_usd == D("40000.00")
    assert coins().free_sat == 79 * BTC
    with pytest.raises(Refused, match="booked already, with other evidence"):
        booked(proposal, cast["tia"], note="confirmation 4712 of the desk")
    assert list(check.faults()) == []


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"sat": 2 * BTC}, "1.00 BTC were approved, not 2.00"),
        ({"price_usd": D("44999.99")}, "below the lowest price"),
        ({"price_usd": None}, "price at which the coins went is missing"),
        ({"note": "ok"}, "say why"),
        ({"at": clock.now() - timedelta(days=1)}, "between its approval"),
        ({"at": clock.now() + timedelta(hours=2)}, "that lies ahead"),
        ({"at": clock.now() + timedelta(days=3)}, "between its approval"),
    ],
)
def test_what_was_not_approved_is_not_booked(cast, said, why):
    proposal = say_yes(ask(cast["ted"], wallet="hot", sat=BTC, limit_usd="45000"), cast["tia"], cast["ann"])

    with pytest.raises(Refused, match=why):
        booked(proposal, cast["ted"], **said)
    assert Proposal.objects.get().state == "approved"
    assert not JournalEntry.objects.filter(kind="sale").exists()


def test_less_than_approved_may_be_sold(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])
    booked(proposal, cast["ted"], sat=BTC // 2)

    assert coins().free_sat == 80 * BTC - BTC // 2


def test_coins_that_went_meanwhile_leave_it_approved_and_the_books_as_they_were(cast):
    proposal = say_yes(ask(cast["ted"], wallet="hot", sat=60 * BTC), cast["tia"], cast["ann"])
    gone = Sold(clock.now(), 0, "otc-1", "hot", 60 * BTC, D(50_000))
    assert post([gone], "test").posted == ["otc-1"]

    with pytest.raises(Refused, match="the books refuse it: wallet hot is 4000000000 sat short"):
        booked(proposal, cast["ted"])

    assert Proposal.objects.get().state == "approved"
    assert coins().free_sat == 20 * BTC


def test_each_kind_does_to_the_books_what_it_says(cast):
    known(cast)
    known(cast, "cold", OWN, "own")
    for kind, raw, said in (
        ("pledge", {"loan": "A", "wallet": "hot", "sat": BTC, "beneficiary": "Antalpha"}, {}),
        ("top_up", {"loan": "A", "wallet": "hot", "sat": 2 * BTC, "beneficiary": "Antalpha"}, {}),
        ("release", {"loan": "A", "wallet": "hot", "sat": BTC}, {}),
        ("repay", {"loan": "A", "usd": "1000.00"}, {}),
        ("repay_in_coins", {"loan": "A", "sat": BTC}, {}),
        ("transfer", {"wallet": "hot", "sat": 5 * BTC, "beneficiary": "cold"}, {"network_fee_sat": 1000}),
    ):
        proposal = say_yes(ask(cast["ted"], kind, **raw), cast["tia"])
        assert booked(proposal, cast["ted"], **said).state == "booked", kind

    # Free: 80 - 1 - 2 + 1 - 5 and the fee; pledged: 20 + 1 + 2 - 1 - 1.
    now = coins()
    assert now.wallets_sat == {"hot": 73 * BTC - 1000, "cold": 5 * BTC, "A settlement": 0}
    assert now.pledged_sat == {"A": 21 * BTC}
    assert LoanEvent.objects.filter(source_id__startswith="proposal/").count() == 5
    assert LoanEvent.objects.get(kind=Kind.REPAY_IN_COINS).price_usd == D("50000.00")
    assert list(check.faults()) == []


def test_the_cost_method_changes_with_its_booking(cast):
    since = clock.now() + timedelta(days=1)
    proposal = say_yes(ask(cast["ted"], "cost_method", method="average", since=since.isoformat()), cast["tia"])
    assert methods.methods().at(since) is Method.FIFO

    booked(proposal, cast["ted"])

    assert methods.methods().at(since) is Method.AVERAGE


def test_every_step_is_on_record_and_the_chain_holds(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])
    booked(proposal, cast["ted"])

    events = AuditEvent.objects.filter(target=f"proposal/{proposal.pk}").order_by("sequence")
    assert [(one.verb, one.actor) for one in events] == [
        ("propose", "ted@example.com"), ("approve proposal", "tia@example.com"),
        ("approve proposal", "ann@example.com"), ("book proposal", "ted@example.com"),
    ]  # fmt: skip
    assert audit.verify().wrong is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE treasury_proposal SET terms = '{}'",
        "UPDATE treasury_proposal SET state = 'approved'",
        "UPDATE treasury_proposal SET state = 'booked', booked_at = now(), booked_by_id = maker_id, evidence = '{}'",
        "UPDATE treasury_proposal SET approvals_needed = 1",
        "UPDATE treasury_proposal SET not_after = now() + interval '1 year'",
        "DELETE FROM treasury_proposal",
        "INSERT INTO treasury_proposal SELECT * FROM treasury_proposal",
        "UPDATE treasury_proposalapproval SET digest = 'x'",
        "DELETE FROM treasury_proposalapproval",
    ],
)
def test_the_database_keeps_the_law_whoever_writes(cast, statement):
    say_yes(ask(cast["ted"]), cast["tia"])

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


def test_the_tasks_post_interest_and_end_what_is_late(cast):
    ask(cast["ted"])

    tasks.post_interest()
    tasks.expire_proposals()

    runs = {run.name: (run.outcome, run.detail) for run in JobRun.objects.all()}
    assert runs["treasury.expire_proposals"] == ("done", {"expired": 0})
    assert runs["treasury.post_interest"][0] == "done"
    assert not unposted(Loan.objects.all(), clock.now().date())


def test_a_month_with_open_proposals_or_unposted_interest_has_open_lines(cast):
    ask(cast["ted"])
    month = clock.now().date().replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    later = datetime.combine(following, time(1), UTC)

    lines = {line.code: line for line in checklist(month, later)}

    assert lines["interest"].proof == "not posted as it should be: A"
    assert lines["approvals"].proof == "waiting for approval: 1 proposal"
    post_due(Loan.objects.get(), following)
    assert {line.code: line for line in checklist(month, later)}["interest"].is_ok
