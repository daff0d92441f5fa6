"""From proposed to booked: who may, what it would change, what the rules say, what ends up in the books."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import AuditEvent, JobRun
from sites import rights
from sites.models import ApiToken
from tests.treasury.proposals.worlds import (
    BTC,
    LENDER,
    OWN,
    ask,
    booked,
    done,
    known,
    make_books,
    people,
    rewind,
    say_yes,
)
from treasury import tasks
from treasury.books import check, methods, queries
from treasury.books.post import post
from treasury.closing.checklist import checklist
from treasury.closing.close import Refused
from treasury.equity.imports import row_of
from treasury.equity.tell import tell
from treasury.ledger.facts import Sold
from treasury.ledger.lots import Method
from treasury.lending.course import Kind
from treasury.loans.interest import post_due, unposted
from treasury.models import (
    Beneficiary,
    JournalEntry,
    Loan,
    LoanEvent,
    PriceMark,
    Proposal,
    ProposalApproval,
    TreasuryPolicy,
)
from treasury.proposals import expire
from treasury.proposals.approve import approve, reject, withdraw
from treasury.proposals.beneficiaries import retire
from treasury.proposals.book import book
from treasury.proposals.policy import standing

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def cast(db):
    make_books()
    return people()


def line(proposal, code):
    found = next(one for one in proposal.effect if one["code"] == code)
    return found["before"], found["after"]


def coins():
    return queries.coins(clock.now())


# Proposing


def test_a_sale_shows_its_effect_before_anybody_approves(cast):
    proposal = ask(cast["ted"])

    # 600,000 and twenty nights at 6.5 % over 360: 602,166.67, on 20 BTC.
    assert line(proposal, "free_sat") == (80 * BTC, 79 * BTC)
    assert line(proposal, "cash_usd") == ("600000.00", "650000.00")
    assert line(proposal, "ltv_pct") == ("60.22", "60.22")
    assert line(proposal, "nav_usd") == ("4997833.33", "4997833.33")
    assert (proposal.value_usd, proposal.state, proposal.made_as) == (D("50000.00"), "proposed", "treasurer")


def test_a_sale_counts_at_its_lowest_price(cast):
    proposal = ask(cast["ted"], wallet="hot", sat=BTC, limit_usd="45000")

    assert line(proposal, "cash_usd") == ("600000.00", "645000.00")
    assert line(proposal, "nav_usd") == ("4997833.33", "4992833.33")
    assert proposal.value_usd == D("50000.00")


def test_a_top_up_shows_the_loan_before_and_after(cast):
    known(cast)
    proposal = ask(cast["ted"], "top_up", loan="A", wallet="hot", sat=10 * BTC, beneficiary="Antalpha")

    # 602,166.67 / 0.8 over 20 and over 30 BTC.
    assert line(proposal, "call_price_usd") == ("37635.42", "25090.28")
    assert line(proposal, "loan_ltv_pct") == ("60.2167", "40.1444")
    assert line(proposal, "nearest_pct") == ("24.73", "49.82")


def test_a_repayment_lowers_debt_and_cash(cast):
    proposal = ask(cast["ted"], "repay", loan="A", usd="102166.67")

    assert line(proposal, "debt_usd") == ("602166.67", "500000.00")
    assert line(proposal, "cash_usd") == ("600000.00", "497833.33")
    assert proposal.value_usd == D("102166.67")


def test_runway_needs_a_cost_and_says_so(cast):
    proposal = ask(cast["ted"])

    told = next(one for one in proposal.effect if one["code"] == "runway_months")
    assert (told["before"], told["why"]) == (None, "no hashrate was measured in the last days")


def test_nav_a_share_counts_the_shares_that_are_written_down(cast):
    today = f"{clock.now():%Y-%m-%d}"
    assert next(one for one in ask(cast["ted"]).effect if one["code"] == "nav_per_share_usd")["why"] == (
        "no shares are written down"
    )
    tell(
        [
            row_of(
                {"source": "s", "record": "shares", "on": today, "class": "A", "kind": "opening", "shares": "100000"}
            ),
            row_of({"source": "d", "record": "balance", "on": today, "item": "debt", "amount_usd": "1000000"}),
        ],
        "test",
    )

    # 100 BTC at 50,000 and 600,000 of cash, less 602,166.67 and 1,000,000; one bitcoin at 45,000 costs 5,000.
    proposal = ask(cast["ted"], wallet="hot", sat=BTC, limit_usd="45000")
    assert line(proposal, "nav_per_share_usd") == ("39.9783", "39.9283")


def test_the_same_key_is_one_proposal(cast):
    first = ask(cast["ted"])

    assert ask(cast["ted"], key=first.key).pk == first.pk
    with pytest.raises(Refused, match="belongs to another proposal"):
        ask(cast["ted"], key=first.key, wallet="hot", sat=5)
    with pytest.raises(Refused, match="belongs to another proposal"):
        ask(cast["tia"], key=first.key)


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        ("sale", {"wallet": "hot", "sat": 81 * BTC}, "hot holds 8000000000 sat"),
        ("sale", {"wallet": "cold", "sat": 1}, "cold holds 0 sat"),
        ("sale", {"wallet": "hot", "sat": -1}, "bitcoin is no amount"),
        ("sale", {"wallet": "hot", "sat": "1.5"}, "bitcoin is no whole number"),
        ("sale", {"wallet": "hot"}, "bitcoin is missing"),
        ("sale", {"wallet": "hot", "sat": 1, "loan": "A"}, "loan is no part of this"),
        ("sale", {"wallet": "hot", "sat": 1, "limit_usd": "NaN"}, "lowest price is below nothing"),
        ("gift", {"wallet": "hot", "sat": 1}, "nothing of the kind 'gift'"),
        ("repay", {"loan": "B", "usd": "1"}, "there is no loan B"),
        ("repay", {"loan": "A", "usd": "700000"}, "A owes \\$602,166.67"),
        ("repay", {"loan": "A", "usd": "0.001"}, "dollars has more than two decimals"),
        ("release", {"loan": "A", "wallet": "hot", "sat": 21 * BTC}, "A has 2000000000 sat pledged"),
        ("release", {"loan": "A", "wallet": "hot", "sat": 6 * BTC}, "A would be called after it"),
        ("pledge", {"loan": "A", "wallet": "hot", "sat": 1, "beneficiary": "Nobody"}, "no verified entry"),
        ("cost_method", {"method": "lifo", "since": "2030-01-01"}, "method is not one of fifo"),
        ("address", {"name": "X", "address": "bc1qnope", "purpose": "own"}, "address this is no bitcoin address of"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_words(cast, kind, raw, why):
    with pytest.raises(Refused, match=why):
        ask(cast["ted"], kind, **raw)
    assert not Proposal.objects.exists()


def test_coins_of_open_proposals_are_spoken_for(cast):
    ask(cast["ted"], wallet="hot", sat=50 * BTC)

    with pytest.raises(Refused, match="5000000000 sat of it in open proposals"):
        ask(cast["ted"], wallet="hot", sat=31 * BTC)


def test_without_a_fresh_price_nothing_is_held_against_the_caps(cast):
    connection.cursor().execute("ALTER TABLE treasury_pricemark DISABLE TRIGGER ALL; TRUNCATE treasury_pricemark")

    with pytest.raises(Refused, match="there is no fresh price"):
        ask(cast["ted"])
    assert ask(cast["ted"], "repay", loan="A", usd="1000").state == "proposed"


# The caps


def test_more_than_the_cap_each_is_refused_and_more_than_the_days(cast):
    for source in ("coinbase", "kraken"):
        PriceMark.objects.create(source=source, at=clock.now(), price_usd=D(124_000))

    with pytest.raises(Refused, match=r"\$5,084,000\.00 is above the cap of \$5,000,000\.00"):
        ask(cast["ted"], wallet="hot", sat=41 * BTC)
    for _ in range(2):
        withdraw(ask(cast["ted"], wallet="hot", sat=40 * BTC), cast["ted"], "only to see the caps")
    ask(cast["ted"], wallet="hot", sat=40 * BTC)
    ask(cast["tia"], wallet="hot", sat=40 * BTC)
    with pytest.raises(Refused, match=r"with today's 10,020,000\.00"):
        ask(cast["ted"], "repay", loan="A", usd="100000")
    assert ask(cast["ann"], "repay", loan="A", usd="100000").made_as == "admin"


def test_above_the_limit_or_against_the_policy_it_takes_two(cast):
    assert (ask(cast["ted"], "repay", loan="A", usd="100").approvals_needed) == 1
    sale = ask(cast["ted"])
    assert (sale.approvals_needed, sale.ruling) == (2, "two others: the policy is to hold")


def test_the_newest_policy_holds_and_takes_two_others(cast):
    proposal = ask(
        cast["ted"], "policy", stance="sell_to_fund", least_free_sat=80 * BTC, most_ltv_pct="65", cooling_off_h="1",
        valid_h="12", treasurer_each_usd="60000", treasurer_day_usd="70000",
        treasurer_two_above_usd="10", admin_each_usd="1", admin_day_usd="1", admin_two_above_usd="1",
    )  # fmt: skip
    say_yes(proposal, cast["tia"])
    assert TreasuryPolicy.objects.count() == 0
    say_yes(proposal, cast["ann"])

    assert standing().caps["treasurer"].each_usd == D(60_000)
    sale = ask(cast["ted"])
    assert sale.ruling == "two others: it is worth more than $10.00; fewer bitcoin would be free than the policy keeps"
    assert sale.not_after - sale.proposed_at == timedelta(hours=12)
    with pytest.raises(Refused, match=r"above the cap of 1\.00"):
        ask(cast["ann"])


# Approving


def test_nobody_approves_his_own(cast):
    proposal = ask(cast["ted"])

    with pytest.raises(Refused, match="proposal of their own"):
        say_yes(proposal, cast["ted"])
    with pytest.raises(DatabaseError, match="of their own"), transaction.atomic():
        ProposalApproval.objects.create(
            proposal=proposal, approver=cast["ted"], digest=proposal.digest, at=clock.database_now()
        )


@pytest.mark.parametrize("name", ["ines", "vic"])
def test_who_has_no_right_neither_proposes_nor_approves(cast, name):
    proposal = ask(cast["ted"])

    user = cast[name]
    for deed in (lambda: ask(user), lambda: say_yes(proposal, user), lambda: booked(proposal, user),
                 lambda: reject(proposal, user, "no, not today")):  # fmt: skip
        with pytest.raises(Refused, match="no right"):
            deed()


@pytest.mark.parametrize("scopes", [["read"], ["write"], ["read", "write"]])
def test_a_token_never_proposes_nor_approves(cast, scopes):
    proposal = ask(cast["ted"])
    assert set(scopes) <= set(ApiToken.Scope.values)
    tia = cast["tia"]
    tia.token_rights = rights.of_scopes(scopes)

    for deed in (lambda: ask(tia), lambda: say_yes(proposal, tia), lambda: booked(proposal, tia)):
        with pytest.raises(Refused, match="no right"):
            deed()


def test_one_person_counts_once_and_two_make_it_approved(cast):
    proposal = ask(cast["ted"])

    say_yes(proposal, cast["tia"], cast["tia"])
    assert Proposal.objects.get().state == "proposed"
    assert say_yes(proposal, cast["ann"]).state == "approved"
    assert ProposalApproval.objects.count() == 2


def test_approval_is_of_the_content_that_was_looked_at(cast):
    with pytest.raises(Refused, match="not what you looked at"):
        approve(ask(cast["ted"]), "0" * 64, cast["tia"])


def test_what_ended_is_not_approved_and_not_booked(cast):
    first, second, third = (ask(cast["ted"], wallet="hot", sat=n + 1) for n in range(3))
    reject(first, cast["tia"], "the price is too low today")
    withdraw(second, cast["ted"], "no longer needed today")
    with pytest.raises(Refused, match="only its maker"):
        withdraw(third, cast["tia"], "let us not do this")

    for proposal, word in ((first, "rejected"), (second, "withdrawn")):
        with pytest.raises(Refused, match=word):
            say_yes(proposal, cast["ann"])
        with pytest.raises(Refused, match=word):
            booked(proposal, cast["ted"])
        with pytest.raises(Refused, match=word):
            withdraw(proposal, cast["ted"], "take it back again")


def test_an_approval_can_be_taken_back_until_it_is_booked(cast):
    proposal = say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])

    reject(proposal, cast["tia"], "the desk quotes far below")

    with pytest.raises(Refused, match="rejected"):
        booked(proposal, cast["ted"])


def test_time_ends_what_nobody_approved_and_later_what_nobody_booked(cast):
    waits, stands = ask(cast["ted"]), say_yes(ask(cast["ted"]), cast["tia"], cast["ann"])

    assert expire.close_late(clock.database_now()) == 0
    assert expire.close_late(clock.database_now() + timedelta(hours=49)) == 1
    assert expire.close_late(clock.database_now() + timedelta(days=10)) == 1
    assert {Proposal.objects.get(pk=one.pk).end_reason for one in (waits, stands)} == {
        "nobody approved it in time", "it was not booked in time",
    }  # fmt: skip


# Booking


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
        ({"sat": 2 * BTC}, "100000000 sat were approved"),
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


# The address book


def test_an_address_is_added_by_one_verified_by_another_and_cools_off(cast):
    proposal = ask(cast["ted"], "address", name="Antalpha", address=LENDER.upper(), purpose="lender")
    with pytest.raises(Refused, match="say why"):
        approve(proposal, proposal.digest, cast["tia"], "")
    say_yes(proposal, cast["tia"])

    row = Beneficiary.objects.get()
    assert (row.address, row.script, row.added_by, row.verified_by) == (LENDER, "p2wpkh", cast["ted"], cast["tia"])
    assert row.effective_at - row.verified_at == timedelta(hours=24)
    assert row.verified_how == "called back on the number we know"
    with pytest.raises(Refused, match="Antalpha is cooling off until"):
        ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="Antalpha")
    rewind(row, 24)
    assert ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="Antalpha").state == "proposed"


def test_a_pledge_goes_to_a_lender_and_a_transfer_to_no_lender(cast):
    known(cast)
    known(cast, "cold", OWN, "own")

    with pytest.raises(Refused, match="cold is a wallet of ours, which is not what this is for"):
        ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=1, beneficiary="cold")
    with pytest.raises(Refused, match="not what this is for"):
        ask(cast["ted"], "transfer", wallet="hot", sat=1, beneficiary="Antalpha")


def test_what_is_retired_meanwhile_receives_nothing(cast):
    row = known(cast)
    waits, stands = (ask(cast["ted"], "pledge", loan="A", wallet="hot", sat=n, beneficiary="Antalpha") for n in (1, 2))
    stands = say_yes(stands, cast["tia"])

    retire(row, cast["tia"], "the lender changed its custodian")

    with pytest.raises(Refused, match="no verified entry"):
        say_yes(waits, cast["tia"])
    with pytest.raises(Refused, match="no verified entry"):
        booked(stands, cast["ted"])
    with pytest.raises(Refused, match="retired already"):
        retire(row, cast["ted"], "the lender changed its custodian")


def test_a_name_and_an_address_stand_once_in_the_book(cast):
    row = known(cast)

    for raw, why in (({"name": "Antalpha", "address": OWN}, "retire it first"),
                     ({"name": "Other", "address": LENDER}, "already, as Antalpha")):  # fmt: skip
        with pytest.raises(Refused, match=why):
            ask(cast["ted"], "address", purpose="lender", **raw)
    retire(row, cast["ted"], "the lender changed its custodian")
    assert known(cast, address=OWN).name == "Antalpha"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE treasury_beneficiary SET address = '{OWN}'",
        "UPDATE treasury_beneficiary SET effective_at = now() - interval '1 year'",
        "DELETE FROM treasury_beneficiary",
    ],
)
def test_an_entry_of_the_book_is_never_changed(cast, statement):
    known(cast)

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


# The work that the schedule wakes, and the close of a month


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
    assert "1 proposals and 0 reopenings wait" in lines["approvals"].proof
    post_due(Loan.objects.get(), following)
    assert {line.code: line for line in checklist(month, later)}["interest"].is_ok
