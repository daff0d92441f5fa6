"""The endpoint of the wallets, for those who may see the company's books. No descriptor and no address leaves here."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Instant
from cango_ops.base.formats import Csv, Json
from treasury.wallets import keep, standing
from treasury.wallets.standing import Standing
from treasury.web.api import OfTheBooks
from treasury.web.wallets.page import source_names


class WalletReadingRecord(serializers.Serializer):
    """What a source said at a block. immature: young coinbases; pending: too few confirmations."""

    source = serializers.CharField()  # type: ignore[assignment]
    observed_at = Instant()
    height = serializers.IntegerField()
    block_hash = serializers.CharField()
    confirmed_sat = serializers.IntegerField()
    immature_sat = serializers.IntegerField()
    pending_sat = serializers.IntegerField()
    outputs = serializers.IntegerField()


class WalletRecord(serializers.Serializer):
    """A wallet beside the books. off_sat: what is there less what the books say. mark: of its descriptor."""

    name = serializers.CharField(source="wallet.name")
    kind = serializers.CharField(source="wallet.kind")
    network = serializers.CharField(source="wallet.network")
    mark = serializers.SerializerMethodField()
    state = serializers.CharField()
    words = serializers.CharField()
    said_sat = serializers.IntegerField(allow_null=True)
    said_at = Instant(allow_null=True)
    ledger_sat = serializers.IntegerField()
    off_sat = serializers.IntegerField(allow_null=True)
    moved_sat = serializers.IntegerField(allow_null=True)
    readings = WalletReadingRecord(many=True)

    def get_mark(self, one: Standing) -> str:
        return keep.mark(one.wallet)


class Wallets(OfTheBooks):
    """Every wallet that is watched, or lies at a custodian."""

    renderer_classes: Any = [Json, Csv]

    @extend_schema(responses=WalletRecord(many=True))
    def get(self, request: Request) -> Response:
        names, _ = source_names()
        return Response(WalletRecord(standing.standings(clock.now(), names), many=True).data)


urlpatterns = [path("treasury/wallets/", Wallets.as_view(), name="api-wallets")]
