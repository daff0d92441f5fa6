"""Endpoints of the treasury, for those who may see the company's books."""

from datetime import UTC, datetime
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Answers, person
from cango_ops.base.problems import BadParameter
from treasury.books import queries
from treasury.ledger.journal import BTC
from treasury.loans.position import position
from treasury.models.journal import may_see
from treasury.web.api_records import BalanceRecord, PositionRecord, RollforwardRecord

FAIR_VALUE = (
    "opening_fair_value_usd", "additions_usd", "dispositions_usd", "net_gain_loss_usd", "closing_fair_value_usd",
    "cost_basis_usd", "unrealised_cumulative_usd",
)  # fmt: skip


class OfTheBooks(Answers):
    """The base of what only treasurers, investor relations and admins of the company see."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if not may_see(person(request)):
            raise exceptions.PermissionDenied("The books are seen by the company's treasury and investor relations.")


class Treasury(OfTheBooks):
    """How the treasury stands now: held, pledged, free, and how far each loan is from its call."""

    @extend_schema(responses=PositionRecord)
    def get(self, request: Request) -> Response:
        return Response(PositionRecord(position(clock.now())).data)


class Balances(OfTheBooks):
    """Every account at an instant, now without one. `prefix` keeps those whose path begins so."""

    parameters = ("at", "prefix")

    @extend_schema(
        responses=BalanceRecord(many=True),
        parameters=[OpenApiParameter("at", datetime), OpenApiParameter("prefix", str)],
    )
    def get(self, request: Request) -> Response:
        at = moment(request, "at") or clock.now()
        rows = queries.balances(at, request.query_params.get("prefix", ""))
        return Response(BalanceRecord([balance(row) for row in rows], many=True).data)


def balance(row: queries.Balance) -> dict[str, Any]:
    is_coins = row.currency == BTC
    return row._asdict() | {"sat": row.sat if is_coins else None, "amount": None if is_coins else row.amount}


class Rollforward(OfTheBooks):
    """A period from one instant up to another, in satoshis and at fair value by the prices of `source`."""

    parameters = ("from", "to", "source")

    @extend_schema(
        responses=RollforwardRecord,
        parameters=[
            OpenApiParameter("from", datetime, required=True),
            OpenApiParameter("to", datetime, required=True),
            OpenApiParameter("source", str, required=True),
        ],
    )
    def get(self, request: Request) -> Response:
        start_at, end_at = needed(request, "from"), needed(request, "to")
        if end_at <= start_at:
            raise BadParameter("to", "is not after from.")
        source = request.query_params.get("source")
        if not source:
            raise BadParameter("source", "is missing: whose prices, such as the principal market's.")
        period = queries.rollforward(start_at, end_at, source)
        table = {name: getattr(period.fair_value, name, None) for name in FAIR_VALUE}
        quantities = period.quantities
        fields = quantities._asdict() | {"ties": quantities.ties} | table
        fields |= {"realised_gain_usd": period.realised_gain_usd, "missing": period.missing}
        return Response(RollforwardRecord(fields).data)


def needed(request: Request, name: str) -> datetime:
    found = moment(request, name)
    if found is None:
        raise BadParameter(name, "is missing: an instant such as 2025-10-01T00:00:00Z.")
    return found


def moment(request: Request, name: str) -> datetime | None:
    """An instant of the address in UTC; without an offset it is UTC."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadParameter(name, "is no instant such as 2025-10-01T00:00:00Z.") from error


urlpatterns = [
    path("treasury/", Treasury.as_view(), name="api-treasury"),
    path("treasury/balances/", Balances.as_view(), name="api-treasury-balances"),
    path("treasury/rollforward/", Rollforward.as_view(), name="api-treasury-rollforward"),
]
