"""Embargoes, exceptions and the insiders' list by REST, to read."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Instant
from treasury.models import EmbargoException
from treasury.proposals import insiders
from treasury.proposals.embargo import windows
from treasury.web.api import OfTheBooks

MOST = 1000


class WindowRecord(serializers.Serializer):
    """A window that holds now. ends_at null: until the report is out."""

    words = serializers.CharField()
    binds = serializers.CharField()
    starts_at = Instant()
    ends_at = Instant(allow_null=True)


class ExceptionRecord(serializers.Serializer):
    """One sale that two others allowed in spite of a window; sale null: none was proposed under it yet."""

    proposal = serializers.IntegerField(source="proposal_id")
    sale = serializers.IntegerField(source="sale_id", allow_null=True)
    maker = serializers.EmailField(source="proposal.maker.email")
    reason = serializers.CharField(source="proposal.reason")
    sat = serializers.IntegerField()
    until = Instant()
    windows = serializers.CharField()


class InsiderRecord(serializers.Serializer):
    """A person on the list."""

    who = serializers.EmailField(source="user.email")
    why = serializers.CharField()
    added_by = serializers.EmailField(source="added_by.email")
    added_at = Instant()


class EmbargoRecord(serializers.Serializer):
    """What forbids sales now. insiders empty: no list is kept, everybody with the role sees unreleased figures."""

    windows = WindowRecord(many=True)
    exceptions = ExceptionRecord(many=True)
    insiders = InsiderRecord(many=True)


class Embargo(OfTheBooks):
    """Windows that hold now, the exceptions from them, and who is on the insiders' list."""

    @extend_schema(responses=EmbargoRecord)
    def get(self, request: Request) -> Response:
        rows = EmbargoException.objects.select_related("proposal__maker")
        found = {"windows": windows(clock.now()), "exceptions": rows[:MOST], "insiders": insiders.listed()}
        return Response(EmbargoRecord(found).data)


urlpatterns = [path("treasury/embargo/", Embargo.as_view(), name="api-embargo")]
