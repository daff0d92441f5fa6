"""A loan from its drawdown on, told by one person and confirmed by another: what it owes is what a hand reckons."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.html import strip_tags

from cango_ops.base import clock
from sites.models import Role
from tests.base.threads import in_threads
from tests.treasury.loans.test_written import TYPED, close
from tests.treasury.proposals.worlds import ask, line, say_yes
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, by_sure_session, key_of
from treasury.books import check, queries
from treasury.books.post import post
from treasury.closing.close import Refused
from treasury.ledger.facts import Acquired, Origin
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.loans.interest import post_due, schedule
from treasury.loans.position import loan_now
from treasury.loans.rollforward import rollforward
from treasury.models import JournalEntry, Loan, LoanEvent, Proposal

pytestmark = pytest.mark.django_db

D = Decimal
BTC = 100_000_000
DAY = date(2025, 7, 1)


@pytest.fixture
def cast(db):
    return {"ted": member("Ted", Role.TREASURER), "tia": member("Tia", Role.TREASURER)}


def lend(**terms):
    return Loan.objects.create(
        **{
            "code": "ANT-1", "lender": "Antalpha", "rate": D("0.073"), "day_count": "ACT/365F",
            "interest": "capitalised_monthly", "initial_ltv": D("0.65"), "margin_ltv": D("0.8"),
            "liquidation_ltv": D("0.9"), "trigger": "gte",
        } | terms
    )  # fmt: skip


def told(cast, kind, on=DAY, **terms):
    return ask(cast["ted"], kind, loan="ANT-1", on=f"{on}", reason="letter of the lender", **terms)


def balances(at):
    return {row.code: row.amount for row in queries.balances(at, "") if row.currency == "USD" and row.amount}


def test_a_loan_made_by_page_is_drawn_called_reset_and_partly_liquidated(cast):
    ted, tia = by_sure_session(cast["ted"]), by_sure_session(cast["tia"])
    ted.post("/treasury/loans/new/", TYPED)
    loan = Loan.objects.get()
    at = datetime(2025, 6, 30, tzinfo=UTC)
    post([Acquired(at, 0, "m", Origin.MINED, "hot", "m", 10 * BTC, D("600000.00"))], "test")
    happen(loan, Happening("p", Kind.PLEDGE, DAY, sat=10 * BTC, wallet="hot"), "test")
    form = {"kind": "draw", "loan": "ANT-1", "usd": "365000", "on": f"{DAY}", "reference": "D-1", "price_usd": "56000"}

    shown = ted.get("/treasury/proposals/new/", form).content.decode()
    assert "Write down that $365,000.00 of ANT-1 were drawn on 1 Jul 2025" in shown
    said = form | {"key": str(uuid.uuid4()), "reason": "funds came on 1 July"}
    assert ted.post("/treasury/proposals/ask/", said).status_code == 302
    draw = Proposal.objects.get()
    assert line(draw, "debt_usd") == ("0.00", "365000.00")
    assert line(draw, "cash_usd") == ("0.00", "365000.00")
    assert not LoanEvent.objects.filter(kind="draw").exists()
    tia.post(f"/treasury/proposals/{draw.pk}/do/approve/", {"digest": draw.digest, "words": "seen at the bank"})
    for kind, on, terms in (
        ("rate", date(2025, 8, 11), {"rate_pct": "14.6", "reference": "R-1"}),
        ("call", date(2025, 8, 12), {"sat": BTC, "reference": "C-1"}),
        ("liquidation", date(2025, 9, 1), {"sat": 2 * BTC, "price_usd": "50000", "reference": "L-1"}),
    ):
        say_yes(told(cast, kind, on, **terms), cast["tia"])
    post_due(loan, date(2025, 9, 2))

    # July: 31 nights of 365,000 x 0.073 / 365 = 73.00. August: 10 of 73.4526 and, at twice the rate, 21 of 146.9052.
    assert [month.interest_usd for month in schedule(loan, date(2025, 9, 1), 0)] == [D("2263.00"), D("3819.54")]
    now = loan_now(loan, datetime(2025, 9, 1, 12, tzinfo=UTC), D(50_000), 8 * BTC)
    # 365,000 + 2,263.00 + 3,819.54 - 2 x 50,000, over 8 BTC.
    assert (now.debt_usd, now.collateral_sat, now.rate, now.state) == (D("271082.54"), 8 * BTC, D("0.146"), "ok")
    assert (now.mark.ltv_pct, now.mark.margin_call_price_usd, now.mark.liquidation_price_usd) == (
        D("67.7706"), D("42356.65"), D("37650.35"),
    )  # fmt: skip
    held = balances(datetime(2025, 9, 1, 12, tzinfo=UTC))
    assert (held["Liabilities:Loan:ANT-1"], held["Expenses:Interest:ANT-1"], held["Assets:Cash"]) == (
        D("-271082.54"), D("6082.54"), D("365000.00"),
    )  # fmt: skip
    # Two bitcoin that cost 60,000 each were kept at 50,000.
    assert queries.gain_of("loan/ANT-1/L-1/2")[0].basis_usd == D("120000.00")
    assert rollforward(loan, DAY, date(2025, 9, 1)).ties
    assert list(check.faults()) == []
    proof = JournalEntry.objects.get(source_id="loan/ANT-1/D-1").evidence
    assert (proof["proposal"], proof["reason"]) == (draw.pk, "funds came on 1 July")

    page = strip_tags(by_session(cast["ted"]).get("/treasury/loans/ANT-1/").content.decode())
    assert f"Proposal {draw.pk}: funds came on 1 July; seen at the bank" in page
    rows = by_key(key_of(cast["ted"])).get("/api/v1/treasury/loans/ANT-1/events/").json()
    assert [(one["kind"], one["source_id"], one["proposal"]) for one in rows[:2]] == [
        ("liquidation", "loan/ANT-1/L-1", draw.pk + 3), ("call", "loan/ANT-1/C-1", draw.pk + 2),
    ]  # fmt: skip
    assert (rows[3]["usd"], rows[3]["evidence"]) == ("365000.00", "funds came on 1 July; seen at the bank")


def test_a_drawdown_told_twice_by_one_reference_is_written_down_once(cast):
    lend()
    first, second = (told(cast, "draw", usd="1000", reference="D-1") for _ in range(2))
    say_yes(first, cast["tia"])

    with pytest.raises(Refused, match="D-1 is written down already: draw of 1 Jul 2025"):
        say_yes(second, cast["tia"])
    with pytest.raises(Refused, match="D-1 is written down already"):
        told(cast, "draw", usd="999", reference="D-1")
    with pytest.raises(Refused, match="D-1 is written down already"):
        told(cast, "rate", rate_pct="8", reference="D-1")

    assert LoanEvent.objects.get().usd == D("1000.00")


def test_what_cannot_be_told_of_a_lender_is_refused_in_words(cast):
    lend(code="P", margin_ltv=None, liquidation_ltv=None, call_price_ratio=D("0.75"))
    lend()
    tomorrow = clock.now().date() + timedelta(days=2)
    for kind, on, terms, words in (
        ("draw", DAY, {"usd": "0"}, "dollars is nothing"),
        ("draw", DAY, {"usd": "1.005"}, "dollars has more than two decimals"),
        ("draw", DAY, {}, "dollars is missing"),
        ("draw", DAY, {"usd": "1", "reference": "x" * 81}, "lender's reference is longer than 80 letters"),
        ("draw", tomorrow, {"usd": "1"}, "that day lies ahead"),
        ("call", tomorrow, {"sat": 1}, "that day lies ahead"),
        ("draw", "1.7.2025", {"usd": "1"}, "day is no date such as 2026-01-31"),
    ):
        with pytest.raises(Refused, match=words):
            told(cast, kind, on, **terms)
    with pytest.raises(Refused, match="P is called by the price: say the price of a bitcoin at the drawdown"):
        ask(cast["ted"], "draw", loan="P", on=f"{DAY}", usd="1")
    assert told(cast, "rate", tomorrow, rate_pct="8").state == "proposed"


def test_a_day_of_a_closed_month_is_refused_before_it_is_proposed_and_when_it_was_closed_meanwhile(cast):
    lend()
    waiting = told(cast, "draw", usd="1000")
    close(date(2025, 7, 1))
    words = "closed before 2025-08-01: book it there as an adjustment"

    with pytest.raises(Refused, match=words):
        told(cast, "draw", usd="1000")
    with pytest.raises(Refused, match=words):
        say_yes(waiting, cast["tia"])

    assert not LoanEvent.objects.exists()


def test_dollars_that_were_drawn_and_repaid_on_one_day_settle_each_other(cast):
    loan = lend()
    happen(loan, Happening("r", Kind.REPAY, DAY, 1, usd=D("400.00")), "test")

    say_yes(told(cast, "draw", usd="1000"), cast["tia"])

    assert loan_now(loan, datetime(2025, 7, 1, 12, tzinfo=UTC), None, 0).principal_usd == D("600.00")


def test_by_rest_a_person_proposes_what_happened_and_a_token_does_not(cast):
    lend()
    address, ted = "/api/v1/treasury/loans/ANT-1/events/", by_session(cast["ted"])
    said = {"key": str(uuid.uuid4()), "kind": "draw", "on": f"{DAY}", "usd": "1000.00", "reference": "D-1",
            "reason": "letter of the lender"}  # fmt: skip

    def send(caller, **changed):
        return caller.post(address, said | changed, content_type="application/json")

    made, again = send(ted), send(ted)
    assert (made.status_code, made.json()["state"], made.json()["id"]) == (201, "proposed", again.json()["id"])
    say_yes(Proposal.objects.get(), cast["tia"])
    assert [one["source_id"] for one in ted.get(address).json()] == ["loan/ANT-1/D-1"]
    key = str(uuid.uuid4())
    twice = send(ted, key=key)
    assert (twice.status_code, twice.json()["detail"]) == (
        409, "D-1 is written down already: draw of 1 Jul 2025.",
    )  # fmt: skip
    rate = send(ted, key=key, kind="rate", reference="R-1")
    assert (rate.status_code, rate.json()["detail"]) == (400, "usd is no part of this.")
    assert send(ted, kind="sale").status_code == 400
    assert send(ted, satoshi=1).json()["parameters"] == [{"name": "satoshi", "reason": "is not known here."}]
    assert ted.post("/api/v1/treasury/loans/B/events/", said, content_type="application/json").status_code == 404
    assert send(by_key(key_of(cast["ted"], scopes=("read", "write")))).status_code == 403
    for role in (Role.INVESTOR_RELATIONS, Role.VIEWER):
        assert send(by_session(member(role.value, role))).status_code == 403
    assert Proposal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_two_tellings_of_one_drawdown_at_once_book_it_once(transactional_db):
    cast = {"ted": member("Ted", Role.TREASURER), "tia": member("Tia", Role.TREASURER)}
    lend()
    rows = [told(cast, "draw", usd="1000", reference="D-1") for _ in range(2)]

    def work(row):
        try:
            return say_yes(row, cast["tia"]).state
        except Refused:
            return "refused"
        finally:
            connection.close()

    waiting = list(rows)
    assert sorted(in_threads(2, lambda: work(waiting.pop()))) == ["booked", "refused"]
    assert (LoanEvent.objects.count(), JournalEntry.objects.filter(kind="draw").count()) == (1, 1)
