"""Endpoints of hindsight: what sites earned, against what was promised and other ways, by month and by day."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant
from cango_ops.base.formats import Csv, Json
from cango_ops.base.problems import BadParameter
from compute.decisions import queries
from compute.models import Hindsight
from sites.models import Site

MOST_DAYS = 400


def dollars(words: str) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True, help_text=words)


class HindsightMonth(serializers.Serializer):
    """The told days of a site's month. Hours of which something is not known are in no sum."""

    site = serializers.CharField()
    month = serializers.DateField(format="%Y-%m")
    days = serializers.IntegerField()
    hours = serializers.IntegerField(help_text="Of which everything is known.")
    earned_usd = dollars("By measured hashrate, sold nodes and metered power.")
    promised_usd = dollars("What the plans had said of what ran.")
    merit_usd = dollars("By the merit order.")
    always_on_usd = dollars("With everything on.")
    perfect_usd = dollars("Knowing all prices ahead.")


class HindsightDay(serializers.ModelSerializer):
    """A site's day, of a running one the hours that are over. missing: hours left out, by reason."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    missing = serializers.JSONField()
    made_at = Instant()

    class Meta:
        model = Hindsight
        fields = ["site", "day", "hours", "missing", "earned_usd", "promised_usd", "merit_usd", "always_on_usd",
                  "perfect_usd", "made_at"]  # fmt: skip
        read_only_fields = fields


SITE = OpenApiParameter("site", str, description="Code of a site; without it every one that you may see.")
MONTH = OpenApiParameter("month", str, description="As in 2026-11; without it every one.")


class Months(Answers):
    """Sites by month, the newest first."""

    renderer_classes = [Json, Csv]
    parameters = ("site", "month")

    @extend_schema(responses=HindsightMonth(many=True), parameters=[SITE, MONTH])
    def get(self, request: Request) -> Response:
        month = request.query_params.get("month", "")
        rows = [row for row in queries.months(wanted(request)) if month in ("", f"{row.month:%Y-%m}")]
        return Response(HindsightMonth(rows, many=True).data)


class Days(Answers):
    """The last days of one site, the newest first."""

    renderer_classes = [Json, Csv]
    parameters = ("site",)

    @extend_schema(responses=HindsightDay(many=True), parameters=[SITE])
    def get(self, request: Request) -> Response:
        if "site" not in request.query_params:
            raise BadParameter("site", "is needed: days are told of one site.")
        rows: QuerySet[Hindsight] = Hindsight.objects.filter(site__in=wanted(request)).select_related("site")
        return Response(HindsightDay(rows.order_by("-day")[:MOST_DAYS], many=True).data)


def wanted(request: Request) -> list[int]:
    """The sites asked for. A site that the user may not see is not there."""
    sites = Site.objects.visible_to(request.user)
    if code := request.query_params.get("site"):
        return [generics.get_object_or_404(sites, code=code).pk]
    return list(sites.values_list("pk", flat=True))


urlpatterns = [
    path("hindsight/months/", Months.as_view(), name="api-hindsight-months"),
    path("hindsight/days/", Days.as_view(), name="api-hindsight-days"),
]
