"""A report is made away from the page that asked for it; the page may be left, and found again."""

import uuid

import pytest

from cango_ops.base import leases
from tests.treasury.closing.worlds import OCTOBER, people
from tests.web.callers import by_session
from treasury.closing.close import Refused
from treasury.models import Report, ReportJob
from treasury.reports import making, published
from treasury.reports.files import freeze
from treasury.reports.making import ask, make_asked, progress_of
from treasury.reports.progress import STEPS

pytestmark = pytest.mark.django_db

MONTH = "/treasury/reports/2025-10/"


@pytest.fixture
def cast():
    return people()


def test_asked_twice_by_one_id_it_is_made_once(cast):
    request_id = uuid.uuid4()

    assert ask(OCTOBER, "published", request_id, cast["ines"]) == ask(OCTOBER, "published", request_id, cast["ines"])
    with pytest.raises(Refused, match="being made already"):
        ask(OCTOBER, "published", uuid.uuid4(), cast["ian"])
    make_asked()
    make_asked()

    assert Report.objects.count() == 1
    job = ReportJob.objects.get()
    assert (job.state, job.report.version, job.report.made_by) == ("done", 1, "ines@example.com")


def test_it_tells_how_far_it_is(cast):
    told = []
    freeze(published.material("2025-10"), cast["ines"], lambda *step: told.append(step))

    assert [done for done, _, _ in told] == list(range(13, 35))
    assert {total for _, total, _ in told} == {STEPS}
    assert told[0][2] == "sets cango-2025-10.pdf"


def test_the_page_says_how_far_it_is_and_comes_anew_when_it_is_over(cast):
    page = by_session(cast["ines"])
    page.post(f"{MONTH}do/freeze/", {"basis": "published", "request_id": str(uuid.uuid4())})
    ReportJob.objects.update(state="running", done=14, total=20, step="sets cango-2025-10.docx")

    fragment = by_session(cast["ted"]).get(f"{MONTH}job/")
    assert 'hx-trigger="every 1s"' in fragment.content.decode()
    assert "sets cango-2025-10.docx" in fragment.content.decode()
    assert "HX-Refresh" not in fragment
    assert "14 of 20" in page.get(MONTH).content.decode()

    make_asked()

    assert by_session(cast["ted"]).get(f"{MONTH}job/")["HX-Refresh"] == "true"
    assert "Version 1 is frozen with its documents" in page.get(MONTH).content.decode()


def test_what_cannot_be_made_says_why_and_leaves_nothing(cast):
    ask(OCTOBER, "ledger", uuid.uuid4(), cast["ines"])

    make_asked()

    assert ReportJob.objects.get().error == "nothing is booked up to the end of 2025-10"
    assert not Report.objects.exists()
    assert "No report was frozen: nothing is booked" in by_session(cast["ines"]).get(MONTH).content.decode()
    assert ask(OCTOBER, "published", uuid.uuid4(), cast["ines"]).state == "waiting"


def test_a_job_whose_process_died_begins_again(cast):
    ask(OCTOBER, "published", uuid.uuid4(), cast["ines"])
    ReportJob.objects.update(state="running", done=3)

    make_asked()

    assert ReportJob.objects.get().state == "done"
    assert Report.objects.count() == 1


def test_who_lost_the_lease_stops(cast):
    row = ask(OCTOBER, "published", uuid.uuid4(), cast["ines"])
    lease = leases.take(making.LEASE, 60)
    leases.release(lease)

    with pytest.raises(leases.LeaseLost):
        progress_of(row, lease)(1, 20, "gathers 2025-09")


def test_only_investor_relations_asks_and_a_month_without_a_job_has_no_fragment(cast):
    with pytest.raises(Refused, match="no right"):
        ask(OCTOBER, "published", uuid.uuid4(), cast["ted"])
    assert by_session(cast["ted"]).get(f"{MONTH}job/").status_code == 404
    assert by_session(cast["vic"]).get(f"{MONTH}job/").status_code == 403
