"""The endpoint of what is, was or will be planned to be off at a site; to change it takes a person at the page."""

from django.urls import re_path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from sites.models import PlannedWindow, Site


class OutageRecord(serializers.ModelSerializer):
    """A window of maintenance or relocation. container: empty where it is the whole site."""

    begin_at = Instant()
    end_at = Instant()
    entered_at = Instant()
    withdrawn_at = Instant(allow_null=True)
    entered_by = serializers.CharField(source="entered_by.email")
    withdrawn_by = serializers.CharField(source="withdrawn_by.email", allow_null=True, default=None)

    class Meta:
        model = PlannedWindow
        fields = [
            "id", "kind", "container", "begin_at", "end_at", "reason", "entered_by", "entered_at", "withdrawn_by",
            "withdrawn_at",
        ]  # fmt: skip
        read_only_fields = fields


class Outages(Answers):
    """The planned outages of a site, those that begin last first, with those that were taken back."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses={200: OutageRecord(many=True)})
    def get(self, request: Request, code: str) -> Response:
        site = get_object_or_404(Site.objects.visible_to(person(request)), code=code)
        rows = PlannedWindow.objects.filter(site=site).select_related("entered_by", "withdrawn_by")
        return Response(OutageRecord(rows, many=True).data)


urlpatterns = [
    re_path(r"^sites/(?P<code>[-\w]{1,16})/outages/$", Outages.as_view(), name="api-outages"),
]
