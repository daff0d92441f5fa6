"""A report goes from draft to published by two approvals of one hash, after its release time, and then stays."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from tests.treasury.closing.worlds import people
from treasury.closing.close import Refused
from treasury.models import Report, ReportFile, ReportRead
from treasury.reports import published
from treasury.reports.files import freeze, snapshot_of, take
from treasury.reports.publish import approve, comment, embargo, publish, settle, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def draft(cast):
    return freeze(published.material("2025-10"), cast["ines"])


def release(report, cast):
    approve(report, report.sha256, cast["ted"])
    approve(report, report.sha256, cast["ian"])
    embargo(report, clock.database_now(), cast["ines"])
    report.refresh_from_db()
    publish(report, cast["ines"])
    return report


def test_a_draft_is_frozen_with_all_its_documents(draft):
    assert (draft.version, draft.state) == (1, "draft")
    assert snapshot_of(draft).line("btc_produced").this.shown == Decimal("602.6")
    names = list(draft.files.values_list("name", flat=True))
    assert len(names) == 7 + 3 * 5
    assert [name for name in names if not any(f"-{language}" in name for language in ("fr", "it", "zh"))] == [
        "cango-2025-10-charts.zip", "cango-2025-10.csv", "cango-2025-10.docx", "cango-2025-10.html",
        "cango-2025-10.json", "cango-2025-10.pdf", "cango-2025-10.xlsx",
    ]  # fmt: skip
    assert draft.files.get(name="cango-2025-10.json").sha256 == draft.sha256


def test_two_people_approve_and_neither_made_it(draft, cast):
    with pytest.raises(Refused, match="of their own"):
        approve(draft, draft.sha256, cast["ines"])
    with pytest.raises(Refused, match="no right"):
        approve(draft, draft.sha256, cast["vic"])

    assert approve(draft, draft.sha256, cast["ted"]) == 1
    with pytest.raises(Refused, match="already"):
        approve(draft, draft.sha256, cast["ted"])
    assert approve(draft, draft.sha256, cast["ian"]) == 2

    draft.refresh_from_db()
    assert draft.state == "approved"


def test_an_approval_names_the_figures_that_were_looked_at(draft, cast):
    with pytest.raises(Refused, match="not the figures"):
        approve(draft, "0" * 64, cast["ted"])


def test_an_open_comment_holds_the_approval(draft, cast):
    remark = comment(draft, "btc_held", "does this include the pledged coins?", cast["ted"])
    with pytest.raises(Refused, match="comments are open"):
        approve(draft, draft.sha256, cast["ted"])

    settle(remark, cast["ines"])

    assert approve(draft, draft.sha256, cast["ted"]) == 1


def test_nothing_is_published_before_its_time(draft, cast):
    approve(draft, draft.sha256, cast["ted"])
    approve(draft, draft.sha256, cast["ian"])
    embargo(draft, clock.database_now() + timedelta(hours=1), cast["ines"])
    draft.refresh_from_db()

    with pytest.raises(Refused, match="under embargo until"):
        publish(draft, cast["ines"])
    with pytest.raises(DatabaseError, match="not published before its time"), transaction.atomic():
        Report.objects.update(state="published")


def test_a_release_time_that_was_moved_meanwhile_holds(draft, cast):
    approve(draft, draft.sha256, cast["ted"])
    approve(draft, draft.sha256, cast["ian"])
    embargo(draft, clock.database_now(), cast["ines"])
    seen_before = Report.objects.get()
    embargo(draft, clock.database_now() + timedelta(hours=1), cast["ines"])

    with pytest.raises(Refused, match="under embargo until"):
        publish(seen_before, cast["ines"])


def test_the_database_wants_two_approvals_whoever_writes(draft):
    with pytest.raises(DatabaseError, match="approval of two people"), transaction.atomic():
        Report.objects.update(state="published", release_at=clock.database_now())


def test_figures_of_the_ledger_are_published_only_of_a_closed_month(cast):
    told = published.material("2025-10")
    bare = freeze(type(told)(told.month, told.facts, "ledger", told.source), cast["ines"])
    with pytest.raises(Refused, match="no safe harbour text"):
        approve(bare, bare.sha256, cast["ted"])
    words = told.statements
    report = freeze(type(told)(told.month, told.facts, "ledger", told.source, statements=words), cast["ines"])

    with pytest.raises(Refused, match="October 2025 is not closed"):
        release(report, cast)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE treasury_report SET release_at = now()", "UPDATE treasury_report SET snapshot = 'x'",
        "DELETE FROM treasury_report", "UPDATE treasury_reportfile SET data = 'x'", "DELETE FROM treasury_reportfile",
        "DELETE FROM treasury_reportapproval", "DELETE FROM treasury_reportread",
    ],
)  # fmt: skip
def test_what_is_published_never_changes(draft, cast, statement):
    take(release(draft, cast), "cango-2025-10.pdf", cast["ted"])

    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute(statement)


def test_every_taking_is_in_the_access_log(draft, cast):
    file = take(draft, "cango-2025-10.pdf", cast["ted"])

    assert bytes(file.data).startswith(b"%PDF")
    assert take(draft, "no-such-file", cast["ted"]) is None
    assert list(ReportRead.objects.values_list("name", "who", "was")) == [
        ("cango-2025-10.pdf", "ted@example.com", "draft")
    ]


def test_a_second_version_leaves_the_first_as_it_is(draft, cast):
    withdraw(draft, cast["ines"])
    again = freeze(published.material("2025-10"), cast["ines"])

    assert again.version == 2
    assert again.sha256 == draft.sha256
    assert ReportFile.objects.count() == 2 * 22
    assert AuditEvent.objects.filter(verb="freeze report").count() == 2


def test_published_months_are_loaded_once_for_the_demonstration(cast):
    for _ in range(2):
        call_command("load_published_months", "2025-10", "2025-09", "--as", "ines@example.com")

    assert [str(report) for report in Report.objects.all()] == [
        "2025-10 version 1: draft", "2025-09 version 1: draft",
    ]  # fmt: skip
    with pytest.raises(CommandError, match="no right"):
        call_command("load_published_months", "2025-08", "--as", "vic@example.com")
    with pytest.raises(CommandError, match="nothing was published for 2020-01"):
        call_command("load_published_months", "2020-01", "--as", "ines@example.com")
