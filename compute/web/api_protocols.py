"""Endpoint of the languages: how the machines that you see answer in each."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant
from cango_ops.base.formats import Csv, Json
from compute.web.api_records import Number
from compute.web.protocols.page import languages
from sites.models import Site


class LanguageRecord(serializers.Serializer):
    """The last 24 hours of one language. Times are of answered polls alone, right to 20 %."""

    name = serializers.CharField()
    state = serializers.ChoiceField(["ok", "warning", "critical", "unknown"])
    machines = serializers.IntegerField(help_text="On the site map.")
    asked = serializers.IntegerField(help_text="Questions to them; one that was sent a second time counts twice.")
    answered = serializers.IntegerField()
    success_pct = Number()
    median_ms = Number()
    p99_ms = Number()
    failure = serializers.CharField(allow_blank=True, help_text="The last one, in words.")
    failed_at = Instant(allow_null=True)


class Protocols(Answers):
    """How the machines that you see answer, language by language, over the last 24 hours."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses=LanguageRecord(many=True))
    def get(self, request: Request) -> Response:
        ids = list(Site.objects.visible_to(request.user).values_list("pk", flat=True))
        return Response(LanguageRecord(languages(ids), many=True).data)


urlpatterns = [path("protocols/", Protocols.as_view(), name="api-protocols")]
