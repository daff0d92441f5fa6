"""A published figure becomes another by two people, with its reason, and is told so everywhere from then on."""

import csv
import io
from decimal import Decimal

import docx
import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction

from sites.models import Operator, Role
from tests.treasury.closing.worlds import OCTOBER, people
from tests.treasury.reports import reading
from tests.treasury.reports.test_publish import release
from tests.treasury.reports.worlds import draft_of
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, key_of
from treasury.closing.close import Refused
from treasury.models import Restatement
from treasury.reports import published
from treasury.reports.documents.every import every
from treasury.reports.files import snapshot_of
from treasury.reports.restating import allow, as_restated, ask, number_of, refuse, restatements
from treasury.reports.snapshot import Restated, Snapshot

pytestmark = pytest.mark.django_db

D = Decimal
WHY = "a payout came after the close"
MONTH = "/treasury/reports/2025-10/"


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def october(cast):
    return release(draft_of(published.material("2025-10"), cast["ines"]), cast)


def restated_to(cast, new, code="btc_produced"):
    row = ask(OCTOBER, code, D(new), WHY, cast["ines"])
    allow(row, cast["ted"])
    return row


def frozen(month, cast) -> Snapshot:
    return snapshot_of(draft_of(as_restated(published.material(month)), cast["ines"]))


def test_one_asks_and_another_allows(october, cast):
    row = ask(OCTOBER, "btc_produced", D("602.9"), WHY, cast["ines"])
    assert restatements(OCTOBER, OCTOBER) == []
    with pytest.raises(Refused, match="another person"):
        allow(row, cast["ines"])
    with pytest.raises(Refused, match="no right"):
        allow(row, cast["vic"])

    allow(row, cast["ted"])

    assert restatements(OCTOBER, OCTOBER) == [
        Restated("2025-10", "btc_produced", D("602.6"), D("602.9"), WHY, "ines@example.com, ted@example.com")
    ]
    with pytest.raises(Refused, match="somebody was first"):
        refuse(row, cast["ian"])


def test_what_is_not_a_restatement_is_refused(october, cast):
    for month, code, new, words in (
        (OCTOBER, "btc_held", "6412.6", "what was published"),
        (OCTOBER, "no_such", "1", "no figure no_such"),
        (OCTOBER.replace(month=9), "btc_held", "1", "nothing was published for September 2025"),
    ):
        with pytest.raises(Refused, match=words):
            ask(month, code, D(new), WHY, cast["ines"])
    with pytest.raises(Refused, match="say why"):
        ask(OCTOBER, "btc_held", D("6412.5"), "oops", cast["ines"])
    with pytest.raises(Refused, match="no right"):
        ask(OCTOBER, "btc_held", D("6412.5"), WHY, cast["ted"])


@pytest.mark.parametrize("text", ["six", "NaN", "1e99", "0x10", "--1"])
def test_what_is_no_number_is_no_figure(text):
    with pytest.raises(Refused, match="no number"):
        number_of(text)


def test_a_figure_may_be_written_with_commas_and_left_empty():
    assert (number_of(" 6,412.5 "), number_of("")) == (D("6412.5"), None)


def test_a_figure_waits_for_one_word_at_a_time_and_a_refused_one_is_printed_nowhere(october, cast):
    row = ask(OCTOBER, "btc_produced", D("602.9"), WHY, cast["ines"])
    with pytest.raises(Refused, match="asked to restate it already"):
        ask(OCTOBER, "btc_produced", D("603.0"), WHY, cast["ian"])

    refuse(row, cast["ted"])

    assert restatements(OCTOBER, OCTOBER) == []
    assert as_restated(published.material("2025-11")).facts["2025-10"]["btc_produced"].value == D("602.6")


def test_the_next_restatement_begins_where_the_last_one_ended(october, cast):
    restated_to(cast, "602.9")
    again = restated_to(cast, "603.1")

    assert again.old == D("602.9")
    assert as_restated(published.material("2025-11")).facts["2025-10"]["btc_produced"].value == D("603.1")


def test_the_month_itself_and_later_months_say_old_new_reason_and_who(october, cast):
    restated_to(cast, "602.9")

    for month in ("2025-10", "2025-11"):
        files = {name.rpartition(".")[2]: data for name, data in every(frozen(month, cast)).items()}
        told = "October 2025, Bitcoin produced: 602.6 was published, 602.9 is the figure now."
        for text in (reading.pdf_text(files["pdf"]), files["html"].decode(), docx_text(files["docx"])):
            assert told in " ".join(text.split())
            assert WHY in text
            assert "ines@example.com, ted@example.com" in " ".join(text.split())
        sheet = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))["Restatements"]
        assert [cell.value for cell in sheet[6]][:5] == ["October 2025", "Bitcoin produced", 602.6, 602.9, WHY]
        rows = [row for row in csv.DictReader(io.StringIO(files["csv"].decode())) if row["table"] == "restatements"]
        assert [(row["code"], row["this_month"], row["last_month"]) for row in rows] == [
            ("btc_produced", "602.9", "602.6")
        ]
    assert frozen("2025-11", cast).line("btc_produced").mom == D("-9.3")
    assert frozen("2025-10", cast).line("btc_produced").this.shown == D("602.9")


def docx_text(data: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs)


def test_what_was_published_stays_as_it_was(october, cast):
    before = {file.name: file.sha256 for file in october.files.all()}

    restated_to(cast, "602.9")

    assert {file.name: file.sha256 for file in october.files.all()} == before
    assert snapshot_of(october).line("btc_produced").this.shown == D("602.6")


def test_charts_star_what_was_restated(october, cast):
    restated_to(cast, "602.9")

    chart = next(one for one in frozen("2025-11", cast).series if one.code == "btc_produced")
    assert [(point.month, point.shown) for point in chart.points if point.is_restated] == [("2025-10", D("602.9"))]
    page = by_session(cast["ted"]).get("/treasury/reports/").content.decode()
    assert ">*</text>" in page
    assert "Cango 2025-10: 602.9" in page


def test_a_figure_that_is_withdrawn_is_not_reported_with_its_reason(october, cast):
    allow(ask(OCTOBER, "btc_held", None, "the custodian's statement was wrong", cast["ines"]), cast["ted"])

    snapshot = frozen("2025-11", cast)

    assert snapshot.line("btc_held").last.shown is None
    assert snapshot.line("btc_held").last.reason == "withdrawn: the custodian's statement was wrong"
    assert snapshot.roll_forward.ties == "cannot be checked"


def do(user, deed, **words):
    return by_session(user).post(f"{MONTH}do/{deed}/", words, follow=True).content.decode()


def test_a_figure_is_restated_on_the_page_by_two_people(october, cast):
    asked = do(cast["ines"], "restate", code="btc_produced", new="602.9", words=WHY)
    assert "another person may now allow 602.9" in asked
    row = Restatement.objects.get()
    assert "waits for another person" in by_session(cast["ted"]).get(MONTH).content.decode()
    assert "Not done: it takes another person" in do(cast["ines"], "allow-restatement", restatement=row.pk)

    assert "The restatement stands" in do(cast["ted"], "allow-restatement", restatement=row.pk)

    page = by_session(cast["ian"]).get(MONTH).content.decode()
    assert "<s>602.6</s> → <strong>602.9</strong>" in page
    assert "allowed by ted@example.com" in page
    assert by_session(cast["ted"]).post(f"{MONTH}do/allow-restatement/", {"restatement": "9999"}).status_code == 404


def test_the_api_tells_restatements_to_those_who_see_the_books(october, cast):
    restated_to(cast, "602.9")
    address = "/api/v1/treasury/restatements/"

    told = by_key(key_of(cast["ted"])).get(address).json()

    assert [(one["month"], one["code"], one["old"], one["new"], one["state"]) for one in told] == [
        ("2025-10", "btc_produced", "602.6", "602.9", "allowed")
    ]
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    assert by_session(member("Cy", Role.TREASURER, operator=partner)).get(address).status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM treasury_restatement", "UPDATE treasury_restatement SET new = 700",
        "UPDATE treasury_restatement SET is_allowed = false",
    ],
)  # fmt: skip
def test_a_restatement_stays_as_it_was_ruled_on(october, cast, statement):
    restated_to(cast, "602.9")

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


def test_the_database_wants_another_person(october, cast):
    ask(OCTOBER, "btc_produced", D("602.9"), WHY, cast["ines"])

    with pytest.raises(DatabaseError, match="restated_by_two"), transaction.atomic():
        connection.cursor().execute(
            "UPDATE treasury_restatement SET is_allowed = true, ruled_at = now(), ruled_by_id = who_id"
        )
