"""The endpoint of a site's contracts for GPU nodes; to change them takes a person at their page."""

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from compute.models import GpuContract
from sites.models import Site


class GpuContractRecord(serializers.ModelSerializer):
    """Nodes that a customer has bought; each one missing costs the penalty."""

    begin_at = Instant()
    end_at = Instant(allow_null=True)

    class Meta:
        model = GpuContract
        fields = ["id", "customer", "nodes", "usd_per_node_h", "penalty_usd_per_node_h", "begin_at", "end_at"]
        read_only_fields = fields


class GpuContracts(Answers):
    """The contracts for GPU nodes of a site, those that begin last first."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses={200: GpuContractRecord(many=True)})
    def get(self, request: Request, code: str) -> Response:
        site = get_object_or_404(Site.objects.visible_to(person(request)), code=code)
        return Response(GpuContractRecord(GpuContract.objects.filter(site=site).order_by("-begin_at"), many=True).data)


urlpatterns = [
    re_path(r"^sites/(?P<code>[-\w]{1,16})/gpu-contracts/$", GpuContracts.as_view(), name="api-gpu-contracts"),
]
