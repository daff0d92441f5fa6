"""The endpoint of what the spot market asks for at a site, for a broker's program: told and read."""

from decimal import Decimal
from typing import Final

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.problems import BadParameter, Conflict
from compute.market import spot
from compute.market.spot import Asked, SpotRefused
from compute.models import SpotDemand
from sites.models import Site

MOST: Final = 100
MOST_NODES: Final = 1_000_000


class SpotRecord(serializers.ModelSerializer):
    """How many nodes more could be sold by the hour, as the source saw it."""

    observed_at = Instant()
    good_until = Instant()

    class Meta:
        model = SpotDemand
        fields = ["observed_at", "nodes", "usd_per_node_h", "good_until", "source"]
        read_only_fields = fields


class NewSpot(serializers.Serializer):
    """A word of the market. Sent again with the same observed_at it is the same word."""

    observed_at = serializers.DateTimeField()
    nodes = serializers.IntegerField(min_value=0, max_value=MOST_NODES)
    usd_per_node_h = serializers.DecimalField(max_digits=10, decimal_places=4, min_value=Decimal(0))
    good_until = serializers.DateTimeField()
    source: serializers.CharField = serializers.CharField(max_length=100)  # type: ignore[assignment]


class SpotDemands(Answers):
    """What the spot market asked for at a site, the newest hundred words of it."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses={200: SpotRecord(many=True)})
    def get(self, request: Request, code: str) -> Response:
        rows = SpotDemand.objects.filter(site=site_of(request, code)).order_by("-observed_at")
        return Response(SpotRecord(rows[:MOST], many=True).data)

    @extend_schema(request=NewSpot, responses={200: SpotRecord, 201: SpotRecord, 409: None})
    def post(self, request: Request, code: str) -> Response:
        """Tells what is asked for: 201 where it is new, 200 where it was told before."""
        site, said = site_of(request, code), NewSpot(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            row, is_new = spot.tell(person(request), site, Asked(**said.validated_data))
        except SpotRefused as why:
            raise refused(why) from why
        return Response(SpotRecord(row).data, status=201 if is_new else 200)


def site_of(request: Request, code: str) -> Site:
    return get_object_or_404(Site.objects.visible_to(person(request)), code=code)


def refused(why: SpotRefused) -> exceptions.APIException:
    if why.is_right:
        return exceptions.PermissionDenied("Your role, or this token, does not act at that place.")
    if why.is_known:
        return Conflict(f"{str(why)[:1].upper()}{str(why)[1:]}.")
    return BadParameter(why.field, f"{why}.")


urlpatterns = [
    re_path(r"^sites/(?P<code>[-\w]{1,16})/spot-demand/$", SpotDemands.as_view(), name="api-spot-demand"),
]
