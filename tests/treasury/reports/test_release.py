"""At the release time a report is published once, by itself where it was approved before."""

from datetime import timedelta

import pytest

from cango_ops.base import clock
from cango_ops.base.models import JobRun
from tests.treasury.reports.releases import due
from tests.treasury.reports.worlds import draft_of
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, Report
from treasury.reports import published
from treasury.reports.publish import approve, embargo, publish
from treasury.reports.releasing import release_due

pytestmark = pytest.mark.django_db

HOME = "/treasury/reports/"
State = ReleaseDelivery.State


def test_what_was_approved_before_its_time_is_published_when_it_comes(report, cast):
    due(report, cast)

    release_due()
    release_due()

    report.refresh_from_db()
    assert report.state == "published"
    assert JobRun.objects.filter(name="treasury.release_reports").order_by("pk").first().detail == {"published": 1}


def test_nothing_is_released_before_its_time(report, cast):
    due(report, cast, after=timedelta(hours=1))

    release_due()

    report.refresh_from_db()
    assert report.state == "approved"


def test_what_was_approved_after_its_time_waits_for_a_person(cast):
    row = draft_of(published.material("2025-10"), cast["ines"])
    embargo(row, clock.database_now() - timedelta(hours=1), cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])

    release_due()

    row.refresh_from_db()
    assert row.state == "approved"
    publish(row, cast["ines"])
    assert row.state == "published"


def test_a_report_of_an_open_month_is_not_released_and_the_run_says_so(cast):
    told = published.material("2025-10")
    material = type(told)(told.month, told.facts, "ledger", told.source, statements=told.statements)
    row = draft_of(material, cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])
    row.refresh_from_db()
    due(row, cast)

    release_due()

    run = JobRun.objects.get(name="treasury.release_reports")
    assert run.outcome == "failed"
    assert "report/2025-10/1: October 2025 is not closed" in run.detail["why"]


def test_a_report_is_published_once_however_often_it_is_tried(report, cast):
    due(report, cast)
    publish(report, cast["ines"])

    release_due()

    assert Report.objects.filter(state="published").count() == 1
    with pytest.raises(Refused):
        publish(report, cast["ines"])
