"""The reports by page and by REST: who sees them, what they say, what people may do there."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sites.models import Operator, Role
from tests.treasury.closing.worlds import OCTOBER, explain_all, people
from tests.treasury.reports.test_publish import release
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, by_sure_session, expired, key_of
from treasury.closing.close import is_closed
from treasury.models import Report, ReportRead, StandingText
from treasury.reports import published
from treasury.reports.files import freeze
from treasury.reports.making import make_asked

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
FILE = f"{HOME}2025-10/1/files/cango-2025-10.pdf"
PAGES = (HOME, f"{HOME}2025-10/", f"{HOME}2025-10/1/", f"{HOME}2025-10/1/figures/btc_held/", FILE)
API = ("/api/v1/treasury/reports/", "/api/v1/treasury/reports/2025-10/")


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def report(cast):
    return freeze(published.material("2025-10"), cast["ines"])


def do(user, deed, **words):
    return by_sure_session(user).post(f"{HOME}2025-10/do/{deed}/", words, follow=True).content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_only_who_sees_the_books_sees_the_reports(report, cast, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    for stranger in (cast["vic"], member("Bo", Role.MANAGER), member("Cy", Role.TREASURER, operator=partner)):
        assert by_session(stranger).get(address).status_code == 403
    for member_of_treasury in ("ted", "ian"):
        assert by_session(cast[member_of_treasury]).get(address).status_code == 200


@pytest.mark.parametrize("address", API)
def test_the_api_answers_those_who_see_the_books(client, report, cast, address):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    assert client.get(address).status_code == 401
    assert by_session(member("Cy", Role.TREASURER, operator=partner)).get(address).status_code == 403
    assert by_session(cast["vic"]).get(address).status_code == 403
    assert by_key(key_of(cast["ted"])).get(address).status_code == 200
    assert expired(cast["ian"]).get(address).status_code == 401


def test_a_stranger_can_do_nothing(report, cast):
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    cy = member("Cy", Role.TREASURER, operator=partner)

    for deed in ("approve", "freeze", "close", "publish", "withdraw", "comment"):
        answer = by_session(cy).post(f"{HOME}2025-10/do/{deed}/", {"version": 1, "sha256": report.sha256})
        assert answer.status_code == 403
    assert Report.objects.count() == 1
    assert not report.approvals.exists()


def test_a_comment_that_is_too_short_goes_back_to_its_figure(report, cast):
    said = {"version": 1, "code": "btc_produced", "words": "why?"}
    answer = by_session(cast["ted"]).post(f"{HOME}2025-10/do/comment/", said)

    assert answer["Location"] == f"{HOME}2025-10/1/figures/btc_produced/"
    assert not report.comments.exists()


def test_the_snapshot_of_the_api_has_the_hash_it_names(report, cast):
    answer = by_session(cast["ted"]).get(API[1]).json()

    assert (answer["month"], answer["version"], answer["state"]) == ("2025-10", 1, "draft")
    produced = next(line for line in answer["snapshot"]["lines"] if line["code"] == "btc_produced")
    assert (produced["this"]["shown"], produced["mom"]) == ("602.6", "-2.3")
    hashes = {file["name"]: file["sha256"] for file in answer["files"]}
    assert hashes["cango-2025-10.json"] == answer["sha256"] == report.sha256


def test_a_document_comes_with_its_hash_and_is_logged(report, cast):
    answer = by_session(cast["ted"]).get(FILE)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-SHA256"] == hashlib.sha256(answer.content).hexdigest()
    assert answer["Content-Disposition"].startswith("attachment")
    assert [(row.who, row.name) for row in ReportRead.objects.all()] == [("ted@example.com", "cango-2025-10.pdf")]


@pytest.mark.parametrize(
    "address",
    ["2025-13/", "nonsense/", "2025-10/7/", "2025-10/1/figures/no_such/", "2025-10/1/files/other.pdf", "2024-01/1/"],
)
def test_what_is_not_there_is_not_found(report, cast, address):
    assert by_session(cast["ted"]).get(f"{HOME}{address}").status_code == 404


def test_a_report_goes_all_the_way_on_the_page(cast):
    assert "The report is being made." in do(cast["ines"], "freeze", basis="published")
    make_asked()
    report = Report.objects.get()
    approval = {"version": 1, "sha256": report.sha256}

    assert "Not done: nobody approves a draft of their own." in do(cast["ines"], "approve", **approval)
    assert "Approved: 1 of 2." in do(cast["ted"], "approve", **approval)
    assert "Approved: 2 of 2." in do(cast["ian"], "approve", **approval)
    assert "Not done: it has no release time." in do(cast["ines"], "publish", version=1)
    assert "Under embargo until 4 Nov 2025 13:00 UTC." in do(
        cast["ines"], "embargo", version=1, release_at="2025-11-04T13:00"
    )
    assert "October 2025 is published." in do(cast["ines"], "publish", version=1)
    assert "October 2025 is published" in by_session(cast["ted"]).get(HOME).content.decode()


def test_a_month_is_closed_on_the_page(cast):
    assert "Not done: open on the checklist" in do(cast["ted"], "close")
    assert "Not done: say why, in 8 to 500 letters." in do(cast["ted"], "explain", line="chain", words="ok")
    explain_all(OCTOBER, cast["ted"])

    assert "October 2025 is closed." in do(cast["ted"], "close")
    assert is_closed(OCTOBER)


def test_a_text_is_written_by_one_and_approved_by_another_on_the_page(cast):
    words = {"kind": "policy", "text": "We do not currently intend to sell."}
    assert "policy en version 1 is written" in do(cast["ines"], "write-text", **words)
    row = StandingText.objects.get()

    assert "Not done: nobody approves words of their own." in do(cast["ines"], "approve-text", text=row.pk)
    assert "The text is approved" in do(cast["ted"], "approve-text", text=row.pk)
    assert "approved by ted@example.com" in by_session(cast["ian"]).get(f"{HOME}2025-10/").content.decode()


def test_bad_forms_are_told_and_change_nothing(report, cast):
    assert "is no instant such as" in do(cast["ines"], "embargo", version=1, release_at="tomorrow")
    assert by_session(cast["ines"]).post(f"{HOME}2025-10/do/settle/", {"version": 1, "comment": "x"}).status_code == 404
    assert by_session(cast["ines"]).post(f"{HOME}2025-10/do/dance/").status_code == 404
    assert by_session(cast["ines"]).get(f"{HOME}2025-10/do/close/").status_code == 405
    assert "there is no basis dream" in do(cast["ines"], "freeze", basis="dream")


def test_the_figures_of_the_page_lead_to_their_lineage(report, cast):
    page = by_session(cast["ted"]).get(f"{HOME}2025-10/").content.decode()
    figure = by_session(cast["ted"]).get(f"{HOME}2025-10/1/figures/btc_produced/").content.decode()

    assert 'href="/treasury/reports/2025-10/1/figures/btc_produced/"' in page
    assert "<h1>Bitcoin produced: 602.6 BTC</h1>" in figure
    assert "published:Cango/2025-10/btc_produced" in figure


def test_months_are_the_place_of_their_pages_and_not_the_treasury(cast):
    page = by_session(cast["ted"]).get(HOME).content.decode()

    assert 'href="/treasury/reports/" aria-current="page"' in page
    assert 'href="/treasury/" aria-current' not in page


def test_the_list_asks_as_much_for_many_reports_as_for_one(cast):
    def questions():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert by_session(cast["ted"]).get(API[0]).status_code == 200
        return len(asked)

    freeze(published.material("2025-10"), cast["ines"])
    one = questions()
    for month in ("2025-08", "2025-09"):
        freeze(published.material(month), cast["ines"])

    assert questions() == one


def test_a_published_report_offers_no_deeds_on_it(report, cast):
    release(report, cast)
    page = by_session(cast["ian"]).get(f"{HOME}2025-10/").content.decode()

    assert "Approve these figures" not in page
    assert ">Publish<" not in page
