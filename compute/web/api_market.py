"""Endpoints of the market: the Bitcoin network and its price, and the accounts at mining pools."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant
from compute.market import network, pools
from compute.models import PoolAccount
from compute.web.api_records import Number
from sites import rights
from sites.models import Membership


class NetworkRecord(serializers.Serializer):
    """The newest reading. Amounts of money before pool fees."""

    difficulty = Number()
    price_usd = Number()
    usd_per_ph_day = Number(help_text="What a PH/s earns in a day.")
    sources = serializers.CharField(allow_null=True, source="source", help_text="Who said it, separated by commas.")
    is_stale = serializers.BooleanField(help_text="Read longer ago than 15 minutes, or never.")
    observed_at = Instant(allow_null=True)


class PoolRecord(serializers.Serializer):
    """An account as its pool last told it: counted from shares, so it scatters about what the machines say."""

    name = serializers.CharField()
    provider = serializers.CharField()
    operator = serializers.CharField()
    state = serializers.ChoiceField(["ok", "stale", "unknown"])
    hashrate_now_ths = Number(help_text="Over the pool's shortest window of 5 to 15 minutes.")
    hashrate_1h_ths = Number()
    hashrate_24h_ths = Number()
    workers_active = serializers.IntegerField(allow_null=True)
    workers_inactive = serializers.IntegerField(allow_null=True)
    rejected_pct = Number()
    balance_sat = serializers.IntegerField(allow_null=True, help_text="For those who may see the treasury; else null.")
    earned_24h_sat = serializers.IntegerField(allow_null=True, help_text="Likewise.")
    failing_since = Instant(allow_null=True)
    failing_reason = serializers.CharField(allow_blank=True)
    observed_at = Instant(allow_null=True)


class Network(Answers):
    """Difficulty, price and hashprice as last read, with their age."""

    @extend_schema(responses=NetworkRecord)
    def get(self, request: Request) -> Response:
        newest = network.hashprice()
        return Response(NetworkRecord(newest or NEVER).data)


NEVER = {
    "difficulty": None, "price_usd": None, "usd_per_ph_day": None, "source": None, "is_stale": True, "observed_at": None
}  # fmt: skip


class Pools(Answers):
    """The pool accounts of the operators that you see whole."""

    @extend_schema(responses=PoolRecord(many=True))
    def get(self, request: Request) -> Response:
        accounts = list(PoolAccount.objects.visible_to(request.user).select_related("operator"))
        treasuries = treasuries_of(request)
        rows = [row_of(standing, treasuries) for standing in pools.standings(accounts)]
        return Response(PoolRecord(rows, many=True).data)


def treasuries_of(request: Request) -> set[int | None]:
    """The operators whose treasury the user may see; None among them means every one."""
    user = request.user
    if not user.is_authenticated or not rights.token_allows(user, rights.SEE_TREASURY, None):
        return set()
    whole = Membership.objects.filter(user=user, site=None, role__in=rights.roles_with(rights.SEE_TREASURY))
    return set(whole.values_list("operator_id", flat=True))


def row_of(standing: pools.Standing, treasuries: set[int | None]) -> dict[str, Any]:
    account, reading = standing.account, standing.reading
    sees_money = None in treasuries or account.operator_id in treasuries
    said = {field: getattr(reading, field, None) for field in pools.FIELDS}
    if not sees_money:
        said |= {"balance_sat": None, "earned_24h_sat": None}
    return said | {
        "name": account.name,
        "provider": account.provider,
        "operator": account.operator.code,
        "state": standing.state,
        "failing_since": account.failing_since,
        "failing_reason": account.failing_reason,
        "observed_at": reading.observed_at if reading else None,
    }


urlpatterns = [
    path("network/", Network.as_view(), name="api-network"),
    path("pools/", Pools.as_view(), name="api-pools"),
]
