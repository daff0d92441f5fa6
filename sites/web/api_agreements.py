"""The endpoint of what a site buys, stores and promises; to change it takes a person at its page."""

from typing import Any

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from sites.models import Battery, PowerContract, Programme, Site, SolarPlant


class PowerContractRecord(serializers.ModelSerializer):
    """Holds from its day until the next one's begins."""

    terms = serializers.JSONField(help_text="Periods, charges, blocks and what fed-in energy brings.")

    class Meta:
        model = PowerContract
        fields = ["valid_from", "kind", "supplier", "price_usd_per_mwh", "market", "terms"]
        read_only_fields = fields


class BatteryRecord(serializers.ModelSerializer):
    """soc_mwh: what it said last."""

    soc_at = Instant(allow_null=True)

    class Meta:
        model = Battery
        fields = ["name", "capacity_mwh", "charge_mw", "discharge_mw", "eta_charge", "eta_discharge",
                  "wear_usd_per_mwh", "address", "port", "unit_id", "soc_mwh", "soc_at", "soc_source"]  # fmt: skip
        read_only_fields = fields


class SolarPlantRecord(serializers.ModelSerializer):
    """Panels behind the meter."""

    class Meta:
        model = SolarPlant
        fields = ["peak_mw", "yield_share"]
        read_only_fields = fields


class ProgrammeRecord(serializers.ModelSerializer):
    """A promise of demand response. usd_per_mw_h: of load that stands ready to go, called or not."""

    class Meta:
        model = Programme
        fields = ["name", "baseline_mw", "cap_mw", "usd_per_mwh", "usd_per_mw_h", "notice_min", "valid_from",
                  "valid_until"]  # fmt: skip
        read_only_fields = fields


class AgreementsRecord(serializers.Serializer):
    """The newest power contract comes first."""

    site = serializers.CharField()
    contracts = PowerContractRecord(many=True)
    battery = BatteryRecord(allow_null=True, help_text="The first of the batteries.")
    batteries = BatteryRecord(many=True)
    solar = SolarPlantRecord(allow_null=True)
    programmes = ProgrammeRecord(many=True)


class Agreements(Answers):
    """What a site buys, stores and promises."""

    @extend_schema(responses={200: AgreementsRecord})
    def get(self, request: Request, code: str) -> Response:
        site = get_object_or_404(Site.objects.visible_to(person(request)), code=code)
        batteries = list(Battery.objects.filter(site=site).order_by("name"))
        found: dict[str, Any] = {
            "site": site.code,
            "contracts": site.power_contracts.all(),
            "battery": batteries[0] if batteries else None,
            "batteries": batteries,
            "solar": SolarPlant.objects.filter(site=site).first(),
            "programmes": site.programmes.all(),
        }
        return Response(AgreementsRecord(found).data)


urlpatterns = [
    re_path(r"^sites/(?P<code>[-\w]{1,16})/agreements/$", Agreements.as_view(), name="api-agreements"),
]
