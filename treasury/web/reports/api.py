"""Endpoints of the monthly reports, for those who may see the company's books."""

import json
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Instant, person
from cango_ops.wire import Garbled
from treasury.models import Report, ReportFile
from treasury.reports import months
from treasury.web.api import OfTheBooks


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


class Reports(OfTheBooks):
    """Every frozen report, the newest month first."""

    @extend_schema(responses=ReportRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(ReportRecord(kept(request).defer("snapshot"), many=True).data)


class ReportOfMonth(OfTheBooks):
    """A month's newest report that was not withdrawn, with its snapshot."""

    @extend_schema(responses=WholeReportRecord)
    def get(self, request: Request, month: str) -> Response:
        try:
            first = months.first_day(month)
        except Garbled as why:
            raise exceptions.NotFound(str(why)) from why
        report = kept(request).filter(month=first).exclude(state=Report.State.WITHDRAWN).first()
        if report is None:
            raise exceptions.NotFound(f"No report of {month} is frozen.")
        return Response(WholeReportRecord(report).data)


def kept(request: Request) -> "QuerySet[Report]":
    return Report.objects.visible_to(person(request)).prefetch_related(
        Prefetch("files", ReportFile.objects.defer("data")), "approvals"
    )


urlpatterns = [
    path("treasury/reports/", Reports.as_view(), name="api-reports"),
    path("treasury/reports/<slug:month>/", ReportOfMonth.as_view(), name="api-report"),
]
