"""Endpoints of production and its breaks, for those who may see the company's books."""

from datetime import date, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Instant, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from cango_ops.base.problems import BadParameter
from treasury.models import PoolPayout, ReconciliationBreak
from treasury.production import queries
from treasury.web.api import OfTheBooks

LONGEST: Final = timedelta(days=92)


class ProductionDayRecord(serializers.Serializer):
    """What a site should have mined on a day (UTC). minutes: those that were measured, of 1,440."""

    site = serializers.CharField(source="site.code")
    operator = serializers.CharField(source="site.operator.code")
    day = serializers.DateField()
    expected_sat = serializers.IntegerField(allow_null=True)
    own_ths = serializers.FloatField(allow_null=True)
    leased_ths = serializers.FloatField()
    minutes = serializers.IntegerField()
    fee_share = serializers.DecimalField(max_digits=5, decimal_places=4)
    reason = serializers.CharField()
    measured_at = Instant()


class PayoutRecord(serializers.Serializer):
    """A payout as the pool told it first. source_id: its id in the books."""

    id = serializers.IntegerField()
    account = serializers.CharField(source="account.name")
    operator = serializers.CharField(source="account.operator.code")
    key = serializers.CharField()
    paid_at = Instant()
    amount_sat = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_id = serializers.CharField()


class BreakRecord(serializers.Serializer):
    """Something that two tellers of the same coins do not agree on."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    off_sat = serializers.IntegerField()
    words = serializers.CharField()
    owner = serializers.CharField()
    state = serializers.CharField()
    comment = serializers.CharField()
    commented_by = serializers.CharField()
    first_seen_at = Instant()
    seen_at = Instant()
    closed_at = Instant(allow_null=True)


class ProductionDays(OfTheBooks):
    """Each measured day of each site, of 92 days at most; without `from` of the last 31."""

    parameters = ("from", "to")
    renderer_classes = [Json, Csv]

    @extend_schema(
        responses=ProductionDayRecord(many=True),
        parameters=[OpenApiParameter("from", date), OpenApiParameter("to", date)],
    )
    def get(self, request: Request) -> Response:
        last = day_of(request, "to") or clock.now().date()
        first = day_of(request, "from") or last - timedelta(days=30)
        if not timedelta(0) <= last - first <= LONGEST:
            raise BadParameter("from", "is after to, or more than 92 days before it.")
        return Response(ProductionDayRecord(queries.site_days(first, last), many=True).data)


def day_of(request: Request, name: str) -> date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(name, "is no day such as 2025-10-01.") from error


class Payouts(OfTheBooks, generics.ListAPIView):
    """Every payout that a pool told."""

    queryset = PoolPayout.objects.none()
    serializer_class = PayoutRecord
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    filter_backends: Any = []
    orderings = {"id": "pk", "paid_at": "paid_at"}

    def get_queryset(self) -> QuerySet[PoolPayout]:
        return PoolPayout.objects.visible_to(person(self.request)).select_related("account__operator")


class Breaks(OfTheBooks, generics.ListAPIView):
    """Every break; `state` keeps those that are open, explained or closed."""

    parameters = ("state",)
    queryset = ReconciliationBreak.objects.none()
    serializer_class = BreakRecord
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    filter_backends: Any = []
    orderings = {"id": "pk", "first_seen_at": "first_seen_at"}

    def get_queryset(self) -> QuerySet[ReconciliationBreak]:
        rows = ReconciliationBreak.objects.visible_to(person(self.request))
        state = self.request.query_params.get("state")
        if state is None:
            return rows
        if state not in ReconciliationBreak.State.values:
            raise BadParameter("state", f"is none of {', '.join(ReconciliationBreak.State.values)}.")
        return rows.filter(state=state)

    @extend_schema(parameters=[OpenApiParameter("state", enum=list(ReconciliationBreak.State.values))])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


urlpatterns = [
    path("treasury/production/", ProductionDays.as_view(), name="api-production"),
    path("treasury/payouts/", Payouts.as_view(), name="api-payouts"),
    path("treasury/breaks/", Breaks.as_view(), name="api-breaks"),
]
