"""The contract of a loan, written down and corrected by people: by page, and by REST from a signed-in session."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils.html import escape

from cango_ops.alerts.rules import Context
from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from sites.models import Operator, Role
from tests.base.threads import in_threads
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, by_sure_session, key_of
from tests.worlds import PASSWORD
from treasury import alerting
from treasury.lending.course import Kind
from treasury.lending.terms import Interest
from treasury.loans import contract
from treasury.loans.happen import Happening, happen
from treasury.loans.position import position
from treasury.models import ClosedMonth, Loan, PriceMark

pytestmark = pytest.mark.django_db

D = Decimal
NEW = "/treasury/loans/new/"
API = "/api/v1/treasury/loans/"
TYPED = {
    "code": "ANT-1", "lender": "Antalpha Digital", "currency": "USD", "rate_pct": "7.3", "day_count": "ACT/365F",
    "interest": "capitalised_monthly", "initial_ltv_pct": "65", "margin_ltv_pct": "80", "liquidation_ltv_pct": "90",
    "trigger": "gte", "call_price_ratio_pct": "", "ends_on": "2026-06-30", "evidence": "contract 4711, signed by both",
}  # fmt: skip
SENT = {
    "code": "ANT-1", "lender": "Antalpha Digital", "rate": "0.073", "day_count": "ACT/365F",
    "interest": "capitalised_monthly", "initial_ltv": "0.65", "margin_ltv": "0.8", "liquidation_ltv": "0.9",
    "trigger": "gte", "ends_on": "2026-06-30", "evidence": "contract 4711, signed by both",
}  # fmt: skip


@pytest.fixture
def ted(db):
    return member("Ted", Role.TREASURER)


def write(user, **changed):
    return by_sure_session(user).post(NEW, TYPED | changed)


def send(user, **changed):
    return by_sure_session(user).post(API, SENT | changed, content_type="application/json")


def close(month):
    ClosedMonth.objects.create(month=month, closed_at=datetime.now(UTC), closed_by="ted", closed_by_id=1, proof=[])


def test_a_contract_is_written_down_with_what_proves_it(ted):
    answer = write(ted)

    assert answer["Location"] == "/treasury/loans/ANT-1/"
    loan = Loan.objects.get()
    assert (loan.lender, loan.currency, loan.rate, loan.interest) == (
        "Antalpha Digital", "USD", D("0.073"), Interest.CAPITALISED.value,
    )  # fmt: skip
    assert (loan.initial_ltv, loan.margin_ltv, loan.liquidation_ltv) == (D("0.65"), D("0.8"), D("0.9"))
    assert (loan.trigger, loan.call_price_ratio, loan.ends_on) == ("gte", None, date(2026, 6, 30))
    event = AuditEvent.objects.get(verb="loan.set")
    assert (event.target, event.actor) == ("loan/ANT-1", "ted@example.com")
    assert (event.detail["before"], event.detail["after"]["rate"]) == (None, "0.073")
    assert event.detail["evidence"] == "contract 4711, signed by both"


BAD = (
    ("code", "ant 1", "1 to 32 letters without accents, digits, - and _, such as ANT-1."),
    ("code", "New", "New cannot be a code: it is a word of the console."),
    ("code", "", "This field is required."),
    ("lender", "  ", "This field is required."),
    ("currency", "EUR", "Select a valid choice. EUR is not one of the available choices."),
    ("rate_pct", "abc", "Enter a number."),
    ("rate_pct", "-1", "Ensure this value is greater than or equal to 0."),
    ("rate_pct", "1000", "A rate lies between 0 and 1,000 % a year."),
    ("rate_pct", "7.12345", "Ensure that there are no more than 4 decimal places."),
    ("margin_ltv_pct", "65", "It lies above the LTV at drawdown."),
    ("liquidation_ltv_pct", "79", "It lies above that of a call."),
    ("liquidation_ltv_pct", "100.01", "It is above 0 and at most 100 %."),
    ("initial_ltv_pct", "", "A call asks for coins until this LTV is reached again: say it."),
    ("call_price_ratio_pct", "0", "It is above 0 and at most 100 %."),
    ("trigger", "lt", "Select a valid choice. lt is not one of the available choices."),
    ("ends_on", "31.12.2026", "Enter a valid date."),
    ("evidence", "yes", "Ensure this value has at least 8 characters (it has 3)."),
    ("evidence", "a" * 8 + "\x01", "Say what proves it, in 8 to 500 letters."),
)


def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(ted):
    caller = by_sure_session(ted)

    for field, text, sentence in BAD:
        answer = caller.post(NEW, TYPED | {field: text})
        said = answer.content.decode()
        assert answer.status_code == 400, (field, text)
        assert f'id="id_{field}_error">{escape(sentence)}</p>' in said, (field, text)
        assert said.count("field-error") == 1
        for other, typed in TYPED.items():
            if other != field and typed:
                assert f'value="{typed}"' in said, (field, other)
    assert not Loan.objects.exists()


def test_sent_twice_it_is_one_loan_and_other_terms_are_another(ted):
    write(ted)

    assert write(ted, lender=" Antalpha  Digital ")["Location"] == "/treasury/loans/ANT-1/"
    other = write(ted, code="ant-1", rate_pct="8")

    assert (other.status_code, Loan.objects.count()) == (400, 1)
    assert "There is a loan ANT-1 already, with other terms." in other.content.decode()
    assert AuditEvent.objects.filter(verb="loan.set").count() == 1


def test_only_who_moves_the_treasury_writes_a_loan(ted):
    write(ted)
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    strangers = (
        member("Ines", Role.INVESTOR_RELATIONS), member("Vic", Role.VIEWER), member("Bo", Role.MANAGER),
        member("Cy", Role.TREASURER, operator=partner),
    )  # fmt: skip

    addresses = (NEW, "/treasury/loans/ANT-1/terms/")
    for address in addresses:
        assert Client().get(address).status_code == 302
        assert Client().post(address, TYPED).status_code == 302
    for stranger in strangers:
        caller = by_sure_session(stranger)
        for address in addresses:
            assert caller.get(address).status_code == 403
            assert caller.post(address, TYPED | {"code": "B"}).status_code == 403
        assert caller.post(API, SENT | {"code": "B"}, content_type="application/json").status_code == 403
    assert by_session(ted).get("/treasury/loans/B/terms/").status_code == 404
    assert Loan.objects.count() == 1
    assert 'href="/treasury/loans/new/"' in by_session(ted).get("/treasury/").content.decode()
    assert 'href="/treasury/loans/ANT-1/terms/"' in by_session(ted).get("/treasury/loans/ANT-1/").content.decode()
    for address in ("/treasury/", "/treasury/loans/ANT-1/"):
        page = by_session(strangers[0]).get(address).content.decode()
        assert "/treasury/loans/new/" not in page
        assert "/terms/" not in page


def test_the_person_is_asked_again_and_then_it_goes_on(ted):
    caller = by_session(ted)

    asked = caller.post(NEW, TYPED)
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not Loan.objects.exists()
    caller.post(asked["Location"], {"password": PASSWORD})

    assert Loan.objects.get().code == "ANT-1"


# Corrected


def correct(user, **changed):
    """As a browser sends it: what the form holds, with what was changed."""
    caller, address = by_sure_session(user), "/treasury/loans/ANT-1/terms/"
    held = caller.get(address).context["page"].form
    filled = {name: held[name].value() for name in held.fields} | {"evidence": TYPED["evidence"]} | changed
    return caller.post(address, {name: value for name, value in filled.items() if value not in (None, False)})


def drawn(on):
    happen(Loan.objects.get(), Happening("d", Kind.DRAW, on, usd=D("1000.00")), "test")


def test_terms_are_corrected_until_a_closed_month_was_counted_by_them(ted):
    write(ted)
    drawn(date(2025, 7, 1))
    assert correct(ted, margin_ltv_pct="82.5").status_code == 302
    assert Loan.objects.get().margin_ltv == D("0.825")
    close(date(2025, 7, 1))

    refused = correct(ted, margin_ltv_pct="80")

    assert refused.status_code == 400
    assert "The months before 2025-08-01 are closed with it: a new rate is told as such" in refused.content.decode()
    assert correct(ted, lender="Antalpha Prime", ends_on="").status_code == 302
    loan = Loan.objects.get()
    assert (loan.margin_ltv, loan.lender, loan.ends_on) == (D("0.825"), "Antalpha Prime", None)
    newest = AuditEvent.objects.filter(verb="loan.set").latest("sequence").detail
    assert (newest["before"]["lender"], newest["after"]["lender"]) == ("Antalpha Digital", "Antalpha Prime")
    page = by_session(ted).get("/treasury/loans/ANT-1/terms/").content.decode()
    assert "lender Antalpha Digital to Antalpha Prime, ends on 2026-06-30 to none" in page


def test_the_code_stays_and_the_currency_once_something_is_booked(ted):
    write(ted)
    assert correct(ted, code="B", currency="USDT").status_code == 302
    assert (Loan.objects.get().code, Loan.objects.get().currency) == ("ANT-1", "USDT")
    drawn(date(2025, 7, 1))

    refused = correct(ted, currency="USD")

    assert "Entries of the books are in it: another currency is a new loan." in refused.content.decode()
    assert Loan.objects.get().currency == "USDT"


def test_who_corrects_what_somebody_corrected_meanwhile_is_told(ted):
    write(ted)
    seen = contract.word(contract.told(Loan.objects.get()))
    correct(ted, lender="Antalpha Prime")

    refused = correct(ted, seen=seen, lender="Antalpha Hong Kong")

    assert "Somebody corrected it meanwhile: look at it again." in refused.content.decode()
    assert 'value="Antalpha Hong Kong"' in refused.content.decode()
    assert Loan.objects.get().lender == "Antalpha Prime"
    assert correct(ted).status_code == 302
    assert AuditEvent.objects.filter(verb="loan.set").count() == 2


# REST


def test_by_rest_it_is_written_once_and_read_again(ted):
    assert send(ted).status_code == 201
    again = send(ted)

    assert (again.status_code, Loan.objects.count()) == (200, 1)
    held = {
        "code": "ANT-1", "lender": "Antalpha Digital", "currency": "USD", "rate": "0.073000", "day_count": "ACT/365F",
        "interest": "capitalised_monthly", "initial_ltv": "0.6500", "margin_ltv": "0.8000", "liquidation_ltv": "0.9000",
        "trigger": "gte", "call_price_ratio": None, "keeps_coins_on_books": False, "ends_on": "2026-06-30",
    }  # fmt: skip
    assert again.json() == held
    assert by_key(key_of(ted)).get(API).json() == [held]
    other = send(ted, rate="0.08")
    assert (other.status_code, other.json()["detail"]) == (409, "There is a loan ANT-1 already, with other terms.")


def test_by_rest_what_cannot_be_is_a_problem_that_names_its_field(ted):
    for field, value, words in (
        ("margin_ltv", "0.65", "It lies above the LTV at drawdown."),
        ("evidence", "yes", "Say what proves it, in 8 to 500 letters."),
        ("day_count", "ACT/366", '"ACT/366" is not a valid choice.'),
        ("rate", "NaN", "A valid number is required."),
        ("margin_ltV", "0.8", "is not known here."),
    ):
        answer = send(ted, **{field: value})
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["parameters"] == [{"name": field, "reason": words}]
    assert send(ted, lender=None).status_code == 400
    assert by_sure_session(ted).post(API, "[1]", content_type="application/json").status_code == 400
    assert not Loan.objects.exists()


def test_by_rest_it_takes_a_person_who_signed_in_not_long_before(ted):
    said = by_session(ted).post(API, SENT, content_type="application/json")

    assert (said.status_code, said.json()["code"]) == (403, "sign_in_again")
    assert Client().post(API, SENT, content_type="application/json").status_code == 401
    key = by_key(key_of(ted, scopes=("read", "write")))
    assert key.post(API, SENT, content_type="application/json").status_code == 403
    assert not Loan.objects.exists()


def test_the_events_of_a_loan_are_read_by_who_sees_the_books(ted):
    send(ted)
    drawn(date(2025, 7, 1))
    address = f"{API}ANT-1/events/"

    told = by_key(key_of(ted)).get(address).json()

    assert [(one["source_id"], one["kind"], one["on"], one["usd"], one["proposal"]) for one in told] == [
        ("d", "draw", "2025-07-01", "1000.00", None)
    ]
    assert by_session(member("Vic", Role.VIEWER)).get(address).status_code == 403
    assert by_session(ted).get(f"{API}B/events/").status_code == 404


# Term debt


def test_term_debt_is_owed_and_no_price_calls_it(ted):
    write(ted, initial_ltv_pct="", margin_ltv_pct="", liquidation_ltv_pct="")
    drawn(clock.now().date())
    PriceMark.objects.create(source="kraken", at=clock.now(), price_usd=D(50_000))

    now = position(clock.now())

    assert [(loan.state, loan.reason, loan.debt_usd) for loan in now.loans] == [
        ("ok", "term debt, without collateral", D("1000.00"))
    ]
    assert (now.debt_usd, now.ltv_pct, now.top_up_sat) == (D("1000.00"), None, 0)
    assert alerting.check(Context(clock.now(), {rule.name: rule for rule in alerting.RULES})).found == []
    for address in ("/treasury/", "/treasury/stress/", "/treasury/loans/ANT-1/"):
        page = by_session(ted).get(address)
        assert page.status_code == 200
        assert "uncollateralised" not in page.content.decode()


# Two at once


@pytest.mark.django_db(transaction=True)
def test_of_several_who_write_one_code_at_once_one_does(transactional_db):
    ada = member("Ada", Role.TREASURER)
    said = dict.fromkeys(contract.FIELDS) | {
        "code": "B", "lender": "Antalpha", "currency": "USD", "rate": D("0.07"), "day_count": "ACT/360",
        "interest": "paid_monthly", "trigger": "gt", "keeps_coins_on_books": False,
    }  # fmt: skip

    def work():
        try:
            return contract.write(said, "contract 4711", ada).is_new
        finally:
            connection.close()

    assert sorted(in_threads(4, work)) == [False, False, False, True]
    assert (Loan.objects.count(), AuditEvent.objects.filter(verb="loan.set").count()) == (1, 1)
