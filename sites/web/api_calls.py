"""Endpoints of the calls of a site's programmes, for an aggregator's program: told, withdrawn, read."""

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
from sites import calls
from sites.calls import Called, CallRefused
from sites.models import ProgrammeCall, Site


class CallRecord(serializers.ModelSerializer):
    """One call. withdrawn_at: null while it stands."""

    programme = serializers.CharField(source="programme.name")
    begin_at = Instant()
    end_at = Instant()
    called_at = Instant()
    withdrawn_at = Instant(allow_null=True)

    class Meta:
        model = ProgrammeCall
        fields = ["programme", "call_id", "begin_at", "end_at", "called_at", "withdrawn_at"]
        read_only_fields = fields


class CallName(serializers.Serializer):
    """Which call: the programme's name, and the number that whoever calls gave it."""

    programme = serializers.CharField(max_length=64)
    call_id = serializers.CharField(max_length=100)


class NewCall(CallName):
    """A call from one instant to another. Sent again under its call_id it is the same call."""

    begin_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()


class Calls(Answers):
    """The calls of a site's programmes, those that begin last first, with those that were withdrawn."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses={200: CallRecord(many=True)})
    def get(self, request: Request, code: str) -> Response:
        rows = ProgrammeCall.objects.filter(programme__site=site_of(request, code)).select_related("programme")
        return Response(CallRecord(rows.order_by("-begin_at", "-pk"), many=True).data)

    @extend_schema(request=NewCall, responses={200: CallRecord, 201: CallRecord, 409: None})
    def post(self, request: Request, code: str) -> Response:
        """Tells a call: 201 where it is new, 200 with the call as it stands where it was told before."""
        site, said = site_of(request, code), NewCall(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            row, is_new = calls.tell(person(request), site, Called(**said.validated_data))
        except CallRefused as why:
            raise refused(why) from why
        return Response(CallRecord(row).data, status=201 if is_new else 200)


class Withdraw(Answers):
    """Withdraws a call, also one that holds, as long as it is not over."""

    @extend_schema(request=CallName, responses={200: CallRecord, 409: None})
    def post(self, request: Request, code: str) -> Response:
        """Withdrawn again, it stays as it was withdrawn first."""
        site, said = site_of(request, code), CallName(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            row, _ = calls.withdraw(person(request), site, **said.validated_data)
        except CallRefused as why:
            raise refused(why) from why
        return Response(CallRecord(row).data)


def site_of(request: Request, code: str) -> Site:
    return get_object_or_404(Site.objects.visible_to(person(request)), code=code)


def refused(why: CallRefused) -> exceptions.APIException:
    if why.is_right:
        return exceptions.PermissionDenied("Your role, or this token, does not act at that place.")
    if why.is_wrong:
        return BadParameter(why.field, f"{why}.")
    return Conflict(f"{str(why)[:1].upper()}{str(why)[1:]}.")


CALLS: Final = r"^sites/(?P<code>[-\w]{1,16})/calls/"
urlpatterns = [
    re_path(rf"{CALLS}$", Calls.as_view(), name="api-calls"),
    re_path(rf"{CALLS}withdraw/$", Withdraw.as_view(), name="api-call-withdraw"),
]
