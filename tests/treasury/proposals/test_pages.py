"""The pages of proposals, addresses, policy, a loan and who looked, and their REST: who sees what, who does what."""

import csv
import hashlib
import io
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cango_ops.base import clock
from sites.models import Operator, Role
from tests.treasury.proposals.worlds import LENDER, ask, booked, known, say_yes
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, by_sure_session, expired, key_of
from tests.worlds import PASSWORD
from treasury.loans.interest import post_due
from treasury.models import Beneficiary, BooksRead, Loan, LoanEvent, PriceMark, Proposal
from treasury.web.access.page import look

pytestmark = pytest.mark.django_db

HOME = "/treasury/proposals/"
SALE = {"kind": "sale", "wallet": "hot", "sat": "1.5", "limit_usd": "", "currency": "USD"}
BOOK = {"price_usd": "50000", "note": "confirmation 4711 of the desk", "sat": ""}


@pytest.fixture
def proposal(cast):
    return ask(cast["ted"])


def pages(proposal):
    return (
        HOME, f"{HOME}export.csv", f"{HOME}{proposal.pk}/", "/treasury/addresses/", "/treasury/policy/",
        "/treasury/loans/A/",
    )  # fmt: skip


def answers(proposal):
    api = "/api/v1/treasury/"
    return (
        f"{api}proposals/", f"{api}proposals/{proposal.pk}/", f"{api}addresses/", f"{api}policy/",
        f"{api}loans/A/interest/",
    )  # fmt: skip


def do(user, proposal, deed, **words):
    said = by_sure_session(user).post(f"{HOME}{proposal.pk}/do/{deed}/", words, follow=True).content.decode()
    return said.replace("&#x27;", "'")


# Who sees


def test_only_who_sees_the_books_sees_these_pages(cast, proposal):
    known(cast)
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    strangers = (cast["vic"], member("Bo", Role.MANAGER), member("Cy", Role.TREASURER, operator=partner))

    for address in pages(proposal):
        assert Client().get(address).status_code == 302, address
        for stranger in strangers:
            assert by_session(stranger).get(address).status_code == 403, address
        for insider in ("ted", "ines", "ann"):
            assert by_session(cast[insider]).get(address).status_code == 200, address


def test_rest_answers_those_who_see_the_books(cast, proposal):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    key = by_key(key_of(cast["ted"]))

    for address in answers(proposal):
        assert Client().get(address).status_code == 401
        assert by_session(cast["vic"]).get(address).status_code == 403
        assert by_session(cast["ines"]).get(address).status_code == 200
        assert key.get(address).status_code == 200
    assert by_key(key_of(member("Cy", Role.TREASURER, operator=partner))).get(answers(proposal)[0]).status_code == 403
    assert expired(cast["ann"]).get(answers(proposal)[0]).status_code == 401


def test_what_is_not_there_is_404(cast, proposal):
    ted = by_session(cast["ted"])

    for address in (f"{HOME}999/", f"{HOME}{'9' * 30}/", "/treasury/loans/B/", f"{HOME}new/?kind=gift",
                    "/api/v1/treasury/proposals/999/", "/api/v1/treasury/loans/B/interest/"):  # fmt: skip
        assert ted.get(address).status_code == 404, address
    assert ted.post(f"{HOME}{proposal.pk}/do/eat/").status_code == 404
    assert ted.post("/treasury/addresses/999/retire/").status_code == 404
    assert ted.get(f"{HOME}{proposal.pk}/do/approve/").status_code == 405
    assert ted.get("/api/v1/treasury/proposals/?state=eaten").status_code == 400


def test_who_only_looks_is_offered_nothing_and_can_do_nothing(cast, proposal):
    said = by_session(cast["ines"]).get(f"{HOME}{proposal.pk}/").content.decode()

    assert "/do/" not in said
    for deed in ("approve", "reject", "withdraw", "book"):
        words = do(
            cast["ines"], proposal, deed, digest=proposal.digest, words="as agreed on", at="2026-01-01T00:00", **BOOK
        )
        assert "Not done: you have no right to do this." in words
    assert by_session(cast["ines"]).get(f"{HOME}new/").status_code == 403
    assert by_session(cast["ines"]).post(f"{HOME}ask/", SALE).status_code == 403
    assert Proposal.objects.get().state == "proposed"


def test_a_token_does_nothing_on_a_page_and_nothing_by_rest(cast, proposal):
    key = by_key(key_of(cast["tia"], scopes=("read", "write")))

    assert key.post(f"{HOME}{proposal.pk}/do/approve/", {"digest": proposal.digest}).status_code in (302, 401, 403)
    assert key.post(f"/api/v1/treasury/proposals/{proposal.pk}/").status_code == 405
    assert not Proposal.objects.get().approvals.exists()


def test_an_open_proposal_shows_its_effect_as_things_stand_now(cast, proposal):
    for source in ("coinbase", "kraken"):
        PriceMark.objects.create(source=source, at=clock.now(), price_usd=Decimal(40_000))

    page = by_session(cast["tia"]).get(f"{HOME}{proposal.pk}/").content.decode()
    said = strip_tags(page)

    # 602,400 over 20 BTC at 40,000, and at 50,000 when it was proposed.
    assert "As it stands now, bitcoin at $40,000.00" in said
    assert page.index('<td class="n">75.30</td>') < page.index("As it stood when proposed")
    assert page.index("As it stood when proposed") < page.index('<td class="n">60.24</td>')


# Who is asked again


def test_before_a_yes_and_a_booking_the_person_is_asked_again_and_then_it_goes_on(cast, proposal):
    tia, address = by_session(cast["tia"]), f"{HOME}{proposal.pk}/do/approve/"

    asked = tia.post(address, {"digest": proposal.digest})
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    assert not proposal.approvals.exists()
    tia.post(asked["Location"], {"password": PASSWORD})

    assert [one.approver for one in proposal.approvals.all()] == [cast["tia"]]
    booking = by_session(cast["ted"]).post(f"{HOME}{proposal.pk}/do/book/", {"note": "no"})
    assert booking["Location"].startswith("/accounts/reauthenticate/")


def test_a_file_is_sent_again_after_the_person_was_asked(cast, proposal):
    file = SimpleUploadedFile("proof.pdf", b"the desk confirms")

    answer = by_session(cast["ted"]).post(f"{HOME}{proposal.pk}/do/book/", {"file": file})

    assert answer["Location"] == f"/accounts/reauthenticate/?next=%2Ftreasury%2Fproposals%2F{proposal.pk}%2F"


# From the form to the books


def test_a_sale_from_the_form_to_the_books(cast):
    ted = by_session(cast["ted"])
    form = ted.get(f"{HOME}new/?kind=sale").content.decode()
    assert '<option value="hot">hot: 80.00000000 BTC</option>' in form

    seen = ted.get(f"{HOME}new/", SALE).content.decode()
    assert "Sell 1.50 BTC out of hot" in seen
    assert "It takes two others: the policy is to hold." in seen
    key = str(uuid.uuid4())
    for _ in range(2):
        said = ted.post(f"{HOME}ask/", SALE | {"key": key, "reason": "to pay the power of June"}, follow=True)
    assert "You proposed it: others approve." in said.content.decode()

    row = Proposal.objects.get()
    assert "Approved; 1 more is needed." in do(cast["tia"], row, "approve", digest=row.digest)
    assert "You have approved it; it waits for another person." in do(cast["tia"], row, "approve", digest=row.digest)
    assert "Approved: it may be carried out now." in do(cast["ann"], row, "approve", digest=row.digest)
    now = f"{clock.now():%Y-%m-%dT%H:%M}"
    proof = SimpleUploadedFile("=cmd.pdf", b"the desk confirms")
    assert "Booked, with its evidence." in do(cast["ted"], row, "book", at=now, file=proof, **BOOK)

    row.refresh_from_db()
    assert (row.state, row.evidence["file_sha256"]) == ("booked", hashlib.sha256(b"the desk confirms").hexdigest())
    assert f"proposal/{row.pk}" in ted.get(f"{HOME}{row.pk}/").content.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sat": "81"}, "hot holds 80.00 BTC"),
        ({"sat": "0.000000001"}, "bitcoin is no number of BTC with up to eight decimals."),
        ({"sat": "Infinity"}, "bitcoin is no number of BTC"),
        ({"sat": ""}, "bitcoin is missing."),
        ({"reason": "ok"}, "say why, in 8 to 500 letters."),
    ],
)
def test_a_refused_proposal_loses_nothing_of_what_was_typed(cast, change, why):
    words = SALE | {"key": str(uuid.uuid4()), "reason": "to pay the power of June"} | change

    answer = by_session(cast["ted"]).post(f"{HOME}ask/", words)

    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert f'value="{words["sat"]}"' in answer.content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("kind", Proposal.Kind.values)
def test_every_kind_has_its_form(cast, kind):
    answer = by_session(cast["ted"]).get(f"{HOME}new/?kind={kind}")

    assert answer.status_code == 200
    assert f'<option value="{kind}" selected>' in answer.content.decode()


def test_an_address_is_verified_on_its_page_with_words(cast):
    ted = by_session(cast["ted"])
    words = {"kind": "address", "name": "Antalpha", "address": LENDER, "purpose": "lender"}
    ted.post(f"{HOME}ask/", words | {"key": str(uuid.uuid4()), "reason": "collateral of loan A"})
    row = Proposal.objects.get()

    assert "How you verified the address" in by_session(cast["tia"]).get(f"{HOME}{row.pk}/").content.decode()
    assert "Not done: say why" in do(cast["tia"], row, "approve", digest=row.digest, words="")
    do(cast["tia"], row, "approve", digest=row.digest, words="called back on the number we know")

    book = ted.get("/treasury/addresses/").content.decode()
    assert "cooling off" in book
    assert "<span>bc1q</span><span>cr8t</span>" in book
    entry = Beneficiary.objects.get()
    said = ted.post(f"/treasury/addresses/{entry.pk}/retire/", {"words": "the lender changed it"}, follow=True)
    assert "Antalpha is retired" in said.content.decode()
    assert "No address is verified" in said.content.decode()


def test_the_policy_page_says_that_defaults_hold(cast):
    said = by_session(cast["ines"]).get("/treasury/policy/").content.decode()

    assert "nobody has set a policy, the defaults hold" in said
    assert "Propose a change" not in said
    now = by_session(cast["ines"]).get("/api/v1/treasury/policy/").json()
    assert (now["version"], now["caps"][1]["two_above_usd"]) == (None, "1000000.00")


def test_the_export_starts_no_formula(cast):
    row = say_yes(ask(cast["ted"], reason='=HYPERLINK("http://x","y")'), cast["tia"], cast["ann"])
    booked(row, cast["ted"], note="@SUM(1+1) of the desk")

    text = by_session(cast["ines"]).get(f"{HOME}export.csv").content.decode()

    cells = next(csv.DictReader(io.StringIO(text)))
    assert cells["reason"] == '\'=HYPERLINK("http://x","y")'
    assert cells["evidence"] == "'@SUM(1+1) of the desk"
    assert (cells["state"], cells["value_usd"]) == ("booked", "50000.00")


def test_more_proposals_ask_no_more_questions(cast):
    client = by_session(cast["ann"])
    for n in range(3):
        say_yes(ask(cast["ted"], wallet="hot", sat=n + 1), cast["tia"])
    client.get(HOME)
    with CaptureQueriesContext(connection) as few:
        client.get(HOME)
    for n in range(5):
        say_yes(ask(cast["ted"], wallet="hot", sat=n + 10), cast["tia"])
    with CaptureQueriesContext(connection) as many:
        client.get(HOME)

    assert len(many) == len(few)


# A loan


def test_the_page_of_a_loan_shows_what_is_posted_and_what_is_expected(cast):
    loan = Loan.objects.get()
    ted = by_session(cast["ted"])
    before = ted.get("/treasury/loans/A/").content.decode()
    assert "expected" in before
    assert "24.7" in before  # (50,000 - 37,650) / 50,000

    post_due(loan, clock.now().date())

    after = ted.get("/treasury/loans/A/").content.decode()
    assert "it ties to the loan’s course" in after
    rows = ted.get("/api/v1/treasury/loans/A/interest/").json()
    assert {row["state"] for row in rows} <= {"posted", "expected"}


def test_what_a_lender_told_is_booked_once_another_confirms_it(cast):
    today = f"{clock.now():%Y-%m-%d}"
    words = {"kind": "rate", "loan": "A", "key": str(uuid.uuid4()), "on": today, "rate_pct": "7.25",
             "reason": "letter of the lender"}  # fmt: skip
    ted = by_session(cast["ted"])
    ted.post(f"{HOME}ask/", words)
    assert "You proposed it: others approve." in do(cast["ted"], Proposal.objects.get(), "reject", words="x" * 9)
    assert "7.2 % a year" in ted.get("/treasury/loans/A/").content.decode()

    for _ in range(2):
        do(cast["tia"], Proposal.objects.get(), "approve", digest=Proposal.objects.get().digest)

    assert "7.25 % a year" in ted.get("/treasury/loans/A/").content.decode()
    assert LoanEvent.objects.filter(kind="rate").count() == 1


# Who looked


def test_every_look_is_on_record_by_the_hour(cast, proposal):
    ines = by_session(cast["ines"])
    for _ in range(3):
        ines.get("/treasury/panel/")
    ines.get(f"{HOME}export.csv")
    by_key(key_of(cast["ted"])).get("/api/v1/treasury/")
    by_session(cast["vic"]).get("/treasury/")
    ines.get(f"{HOME}999/")

    kept = {(row.who, row.what, row.via): row.times for row in BooksRead.objects.all()}

    assert kept == {
        ("ines@example.com", "/treasury/", "page"): 3,
        ("ines@example.com", f"{HOME}export.csv", "export"): 1,
        ("ted@example.com", "/api/v1/treasury/", "token"): 1,
    }


def test_the_page_of_who_looked_is_for_those_who_see_the_books(cast):
    by_session(cast["ines"]).get("/treasury/?x==1")

    assert by_session(cast["vic"]).get("/treasury/access/").status_code == 403
    said = by_session(cast["ted"]).get("/treasury/access/").content.decode()
    assert "1 person has seen figures before their release" in said
    lines = by_session(cast["ann"]).get("/treasury/access/export.csv").content.decode().splitlines()
    assert lines[0] == "who,what,via,times,first_at,last_at,month,release"
    assert any(line.startswith("ines@example.com,/treasury/?x==1,page,1,") for line in lines)


def test_a_month_that_is_out_is_released(cast):
    row = BooksRead(what="/treasury/reports/2025-10/", first_at=clock.now())

    assert look(row, {}).is_early
    assert not look(row, {look(row, {}).month: row.first_at}).is_early
    assert f"{look(row, {}).month}" == "2025-10-01"
