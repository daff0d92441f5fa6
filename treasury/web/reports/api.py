"""Endpoints of the monthly reports, for those who may see the company's books."""

import json
from datetime import date
from typing import Any, Final

from django.db.models import Prefetch, QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Instant, person
from cango_ops.wire import Garbled
from treasury.earnings.span import Month
from treasury.models import ReleaseDelivery, Report, ReportFile, ReportRead, Restatement
from treasury.reports import months
from treasury.reports.from_books import KINDS
from treasury.reports.ledger_rows import entries_behind
from treasury.reports.price_rows import prices_of
from treasury.reports.restating import alike
from treasury.web.api import OfTheBooks
from treasury.web.reports.restated import WORDS

MOST: Final = 500


class FileRecord(serializers.Serializer):
    """A document of a report."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class ReportRecord(serializers.Serializer):
    """A frozen report. sha256: of its canonical snapshot."""

    month = serializers.DateField(format="%Y-%m")
    version = serializers.IntegerField()
    state = serializers.CharField()
    basis = serializers.CharField()
    sha256 = serializers.CharField()
    frozen_at = Instant(source="made_at")
    release_at = Instant(allow_null=True)
    published_at = Instant(allow_null=True)
    approvals = serializers.IntegerField(source="approvals.count")
    files = FileRecord(many=True)


class WholeReportRecord(ReportRecord):
    """The report with its snapshot: every figure as exact value, as shown, or with the reason why there is none."""

    snapshot = serializers.SerializerMethodField()

    def get_snapshot(self, report: Report) -> dict[str, Any]:
        return json.loads(bytes(report.snapshot))


class RestatementRecord(serializers.Serializer):
    """A published figure that is now another. state: allowed, refused, or waits for another person."""

    month = serializers.DateField(format="%Y-%m")
    code = serializers.CharField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    evidence = serializers.CharField()
    asked_by = serializers.CharField(source="who")
    asked_at = Instant(source="at")
    ruled_by = serializers.CharField()
    ruled_at = Instant(allow_null=True)
    state = serializers.SerializerMethodField()

    def to_representation(self, row: Restatement) -> dict[str, Any]:
        old, new = (None if value is None else f"{value:f}" for value in alike(row.old, row.new))
        return super().to_representation(row) | {"old": old, "new": new}

    def get_state(self, row: Restatement) -> str:
        return WORDS[row.is_allowed if row.ruled_at else None]


class Restatements(OfTheBooks):
    """Every restatement that somebody asked for, the earliest month first."""

    @extend_schema(responses=RestatementRecord(many=True))
    def get(self, request: Request) -> Response:
        rows = Restatement.objects.visible_to(person(request)).order_by("month", "code", "at")
        return Response(RestatementRecord(rows, many=True).data)


class ReadRecord(serializers.Serializer):
    """A taking of a document. was: the report's state then."""

    at = Instant()
    who = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField(source="report.version")
    was = serializers.CharField()


class ReadsOfMonth(OfTheBooks):
    """Who took which document of a month, the newest 500."""

    @extend_schema(responses=ReadRecord(many=True))
    def get(self, request: Request, month: str) -> Response:
        rows = ReportRead.objects.visible_to(person(request)).filter(report__month=month_named(month))
        return Response(ReadRecord(rows.select_related("report").defer("report__snapshot")[:MOST], many=True).data)


class DeliveryRecord(serializers.Serializer):
    """One message about a release. log: when, and what came of each attempt."""

    month = serializers.DateField(source="report.month", format="%Y-%m")
    version = serializers.IntegerField(source="report.version")
    to = serializers.CharField(source="subscriber")
    channel = serializers.CharField(source="subscriber.channel")
    message_id = serializers.UUIDField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    log = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class Releases(OfTheBooks):
    """What was sent to whom about published reports, the newest 500."""

    @extend_schema(responses=DeliveryRecord(many=True))
    def get(self, request: Request) -> Response:
        rows = ReleaseDelivery.objects.visible_to(person(request)).select_related("report", "subscriber")
        return Response(
            DeliveryRecord(rows.defer("report__snapshot").order_by("-queued_at", "pk")[:MOST], many=True).data
        )


def month_named(month: str) -> date:
    try:
        return months.first_day(month)
    except Garbled as why:
        raise exceptions.NotFound(str(why)) from why


class Reports(OfTheBooks):
    """Every frozen report, the newest month first."""

    @extend_schema(responses=ReportRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(ReportRecord(kept(request).defer("snapshot"), many=True).data)


class EntryRecord(serializers.Serializer):
    """An entry of the books behind a figure. amount_sat: into the company's coins, less what went out of them."""

    entry = serializers.CharField(source="entry.source_id")
    kind = serializers.CharField(source="entry.kind")
    at = Instant(source="entry.at")
    amount_sat = serializers.IntegerField(source="moved_sat")
    amount_usd = serializers.DecimalField(source="usd", max_digits=20, decimal_places=2)
    actor = serializers.CharField(source="entry.actor")
    evidence = serializers.JSONField(source="entry.evidence")


class EntriesOfFigure(OfTheBooks):
    """The entries of a month that a figure counts, in order."""

    @extend_schema(responses=EntryRecord(many=True))
    def get(self, request: Request, month: str, code: str) -> Response:
        if code not in KINDS:
            raise exceptions.NotFound(f"No entry of the books is counted by {code}.")
        return Response(EntryRecord(entries_behind(month_named(month), code), many=True).data)


class PriceRecord(serializers.Serializer):
    """A price near a month's end. kept_at null: the feed said it, and no mark was made of it. counts: it is the
    month's."""

    said_by = serializers.CharField(source="source")
    at = Instant()
    price_usd = serializers.DecimalField(max_digits=14, decimal_places=2)
    kept_at = Instant(allow_null=True)
    actor = serializers.CharField()
    counts = serializers.BooleanField()


class PricesOfMonth(OfTheBooks):
    """What was said of the price in a month's last day, the newest first."""

    @extend_schema(responses=PriceRecord(many=True))
    def get(self, request: Request, month: str) -> Response:
        return Response(PriceRecord(prices_of(Month(month_named(month))), many=True).data)


class ReportOfMonth(OfTheBooks):
    """A month's newest report that was not withdrawn, with its snapshot."""

    @extend_schema(responses=WholeReportRecord)
    def get(self, request: Request, month: str) -> Response:
        report = kept(request).filter(month=month_named(month)).exclude(state=Report.State.WITHDRAWN).first()
        if report is None:
            raise exceptions.NotFound(f"No report of {month} is frozen.")
        return Response(WholeReportRecord(report).data)


def kept(request: Request) -> "QuerySet[Report]":
    return Report.objects.visible_to(person(request)).prefetch_related(
        Prefetch("files", ReportFile.objects.defer("data")), "approvals"
    )


urlpatterns = [
    path("treasury/reports/", Reports.as_view(), name="api-reports"),
    path("treasury/restatements/", Restatements.as_view(), name="api-restatements"),
    path("treasury/releases/", Releases.as_view(), name="api-releases"),
    path("treasury/reports/<slug:month>/reads/", ReadsOfMonth.as_view(), name="api-report-reads"),
    path("treasury/reports/<slug:month>/entries/<slug:code>/", EntriesOfFigure.as_view(), name="api-report-entries"),
    path("treasury/reports/<slug:month>/prices/", PricesOfMonth.as_view(), name="api-report-prices"),
    path("treasury/reports/<slug:month>/", ReportOfMonth.as_view(), name="api-report"),
]
