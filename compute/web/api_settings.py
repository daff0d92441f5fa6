"""The endpoint of a site's own figures, pool and meters; to change them takes a person at their page."""

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from compute.market import pool_terms
from compute.models import MiningTerms
from sites.models import Meter, Site


class PoolTermsRecord(serializers.ModelSerializer):
    """fee_share: 0.02 is two per cent of the reward."""

    class Meta:
        model = MiningTerms
        fields = ["pool", "fee_share"]
        read_only_fields = fields


class MeterRecord(serializers.ModelSerializer):
    """How a meter is asked, and what it said last."""

    observed_at = Instant(allow_null=True)
    failing_since = Instant(allow_null=True)

    class Meta:
        model = Meter
        fields = ["name", "map_name", "address", "port", "unit_id", "observed_at", "power_w", "energy_wh",
                  "failing_since", "failing_reason"]  # fmt: skip
        read_only_fields = fields


class SettingsRecord(serializers.Serializer):
    """pool: null where nobody has said what it keeps."""

    site = serializers.CharField(source="code")
    name = serializers.CharField()
    capacity_mw = serializers.DecimalField(max_digits=9, decimal_places=3)
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    pool = PoolTermsRecord(allow_null=True)
    meters = MeterRecord(many=True)


class SiteSettings(Answers):
    """A site's own figures, what its pool keeps, and its meters."""

    @extend_schema(responses={200: SettingsRecord})
    def get(self, request: Request, code: str) -> Response:
        site = get_object_or_404(Site.objects.visible_to(person(request)), code=code)
        found = {
            "code": site.code, "name": site.name, "capacity_mw": site.capacity_mw, "latitude": site.latitude,
            "longitude": site.longitude, "pool": pool_terms.terms_of(site), "meters": site.meters.all(),
        }  # fmt: skip
        return Response(SettingsRecord(found).data)


urlpatterns = [
    re_path(r"^sites/(?P<code>[-\w]{1,16})/settings/$", SiteSettings.as_view(), name="api-settings"),
]
