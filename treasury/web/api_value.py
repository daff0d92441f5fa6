"""Endpoints of value, costs, stress and AI revenue: what the pages show, for those who may see the company's books."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.problems import BadParameter
from sites.models import Operator
from treasury.earnings.costs import costs
from treasury.earnings.customers import ai_sites
from treasury.earnings.span import Month
from treasury.equity.worth import share_history, worth
from treasury.web.api import OfTheBooks
from treasury.web.api_value_records import AiSiteRecord, CostRecord, ShareChangeRecord, StressRecord, WorthRecord
from treasury.web.stress.page import RATES, stress_page

MONTH = OpenApiParameter("month", str, description="Such as 2025-10, UTC; the running month without one.")

OPERATOR = OpenApiParameter("operator", str, description="The code of an operator; the company without one.")


class Value(OfTheBooks):
    """What the company is worth by its bitcoin and by the market, with each input's source; null is not known."""

    @extend_schema(responses=WorthRecord)
    def get(self, request: Request) -> Response:
        return Response(WorthRecord(worth(clock.now())).data)


class Shares(OfTheBooks):
    """Every change of the number of shares, the newest first."""

    @extend_schema(responses=ShareChangeRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(ShareChangeRecord(share_history(), many=True).data)


class Costs(OfTheBooks):
    """What a bitcoin cost in a month: the company, or the operator asked for, first (site null), then its sites."""

    parameters = ("month", "operator")

    @extend_schema(responses=CostRecord(many=True), parameters=[MONTH, OPERATOR])
    def get(self, request: Request) -> Response:
        found = costs(month_of(request), clock.now(), operator_of(request))
        return Response(CostRecord(found, many=True).data)


class Ai(OfTheBooks):
    """GPU-hours and dollars of GPU contracts in a month, by site, contract and day."""

    parameters = ("month",)

    @extend_schema(responses=AiSiteRecord(many=True), parameters=[MONTH])
    def get(self, request: Request) -> Response:
        return Response(AiSiteRecord(ai_sites(month_of(request), clock.now()), many=True).data)


class Stress(OfTheBooks):
    """Price, hashprice and rate together, and how far the price may fall. `rate`: points more on every loan."""

    parameters = ("rate",)

    @extend_schema(responses=StressRecord, parameters=[OpenApiParameter("rate", enum=[str(rate) for rate in RATES])])
    def get(self, request: Request) -> Response:
        text = request.query_params.get("rate", "0")
        if text not in {str(rate) for rate in RATES}:
            raise BadParameter("rate", f"is not one of {', '.join(map(str, RATES))}.")
        page = stress_page(clock.now(), Decimal(text), None, {})
        return Response(StressRecord(stress_fields(page)).data)


def stress_fields(page: Any) -> dict[str, Any]:
    cells = [cell for line in page.lines for cell, _ in line.cells]
    is_known = page.running.operation is not None
    return {
        "as_of": page.now.as_of, "price_usd": page.now.quote.price_usd, "rooms": page.rooms,
        "operation": page.running.operation, "reasons": page.running.reasons,
        "cells": [cell_fields(cell, is_known) for cell in cells],
    }  # fmt: skip


def cell_fields(cell: Any, is_known: bool) -> dict[str, Any]:
    found = cell.scenario
    return {
        "price_pct": cell.price_pct, "hashprice_pct": cell.hashprice_pct, "rate_points": cell.rate_points,
        "price_usd": found.price_usd, "total_top_up_sat": found.total_top_up_sat,
        "unpledged_sat_after": found.unpledged_sat_after, "can_cover_in_kind": found.can_cover_in_kind,
        "equity_usd": found.equity_usd, "loans": {name: mark.status.value for name, mark in found.loans.items()},
        "monthly_usd": cell.monthly_usd if is_known else None,
        "runway_months": cell.runway_months if is_known else None,
        "runway_with_coins_months": cell.runway_with_coins_months if is_known else None,
    }  # fmt: skip


def operator_of(request: Request) -> Operator | None:
    code = request.query_params.get("operator")
    found = Operator.objects.filter(code=code).first() if code is not None else None
    if code is not None and found is None:
        raise BadParameter("operator", "is the code of no operator.")
    return found


def month_of(request: Request) -> Month:
    text = request.query_params.get("month")
    if text is None:
        return Month.of(clock.now())
    try:
        return Month.of(datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC))
    except ValueError as error:
        raise BadParameter("month", "is no month such as 2025-10.") from error


urlpatterns = [
    path("treasury/value/", Value.as_view(), name="api-treasury-value"),
    path("treasury/shares/", Shares.as_view(), name="api-treasury-shares"),
    path("treasury/costs/", Costs.as_view(), name="api-treasury-costs"),
    path("treasury/ai/", Ai.as_view(), name="api-treasury-ai"),
    path("treasury/stress/", Stress.as_view(), name="api-treasury-stress"),
]
