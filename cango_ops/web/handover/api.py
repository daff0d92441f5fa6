"""Endpoints of handovers. A program may hand over where its person may; that one has read it takes the person."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Json
from cango_ops.base.keyset import Keyset
from cango_ops.base.problems import Conflict
from cango_ops.web.handover.content import content_of
from cango_ops.web.handover.page import SHIFTS, shift_began
from cango_ops.web.handover.views import sentence
from sites import handovers
from sites.models import Handover, Site


class HandoverRecord(serializers.ModelSerializer[Handover]):
    """One handover. sha256: of what was handed over, as in the audit chain."""

    sites: Any = serializers.SlugRelatedField("code", many=True, read_only=True)
    shift_began_at = Instant()
    made_at = Instant()
    made_by = serializers.CharField()
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = Instant(allow_null=True)

    class Meta:
        model = Handover
        fields = [
            "id", "sites", "shift_began_at", "made_at", "made_by", "words", "sha256", "confirmed_by", "confirmed_at",
        ]  # fmt: skip
        read_only_fields = fields


class RowRecord(serializers.Serializer[Any]):
    """One line. state: one of the six, or empty. who: has it, placed it, did it."""

    at = Instant()
    place = serializers.CharField()
    words = serializers.CharField()
    who = serializers.CharField(allow_blank=True)
    state = serializers.CharField(allow_blank=True)
    url = serializers.CharField()


class SectionRecord(serializers.Serializer[Any]):
    """more: so many lines could not be kept."""

    key = serializers.CharField()
    title = serializers.CharField()
    rows = RowRecord(many=True)
    more = serializers.IntegerField()


class OneHandoverRecord(HandoverRecord):
    """One handover with all that stood open."""

    sections = serializers.SerializerMethodField()

    class Meta(HandoverRecord.Meta):
        fields = [*HandoverRecord.Meta.fields, "sections"]
        read_only_fields = fields

    @extend_schema(responses=SectionRecord(many=True))
    def get_sections(self, one: Handover) -> list[dict[str, Any]]:
        return list(one.content["sections"])


class NewHandover(serializers.Serializer[Any]):
    """request_id: made by you; sent again it is the same handover. sites: codes. shift: since when it lasted."""

    request_id = serializers.UUIDField()
    sites = serializers.ListField(child=serializers.SlugField(max_length=16), min_length=1, max_length=1000)
    shift = serializers.ChoiceField(list(SHIFTS.items()), default="last")
    words = serializers.CharField(max_length=handovers.LONGEST_WORDS, allow_blank=True, default="")


class OfHandovers(Answers):
    """The base of what reads handovers."""

    def handovers(self) -> QuerySet[Handover]:
        rows = Handover.objects.visible_to(person(self.request))
        return rows.select_related("made_by", "confirmed_by").prefetch_related("sites")


class Handovers(OfHandovers, generics.ListAPIView):
    """Every handover of sites that you see; POST hands over."""

    queryset = Handover.objects.none()
    serializer_class = HandoverRecord
    pagination_class = Keyset
    renderer_classes = [Json]
    orderings = {"id": "pk", "made_at": "made_at"}

    def get_queryset(self) -> QuerySet[Handover]:
        return self.handovers()

    @extend_schema(request=NewHandover, responses={201: OneHandoverRecord, 409: None})
    def post(self, request: Request) -> Response:
        said = NewHandover(data=request.data)
        said.is_valid(raise_exception=True)
        asked, user = said.validated_data, person(request)
        sites = list(Site.objects.visible_to(user).filter(code__in=asked["sites"]).select_related("operator"))
        if len(sites) != len(set(asked["sites"])):
            raise exceptions.NotFound("One of these sites is not there.")
        now = clock.now()
        began_at = shift_began(asked["shift"], sites, now)
        content = content_of(sites, began_at, now)
        try:
            made = handovers.hand_over(asked["request_id"], user, sites, began_at, asked["words"], content)
        except handovers.HandoverRefused as why:
            raise refused(why) from why
        return Response(OneHandoverRecord(made).data, status=201)


class OneHandover(OfHandovers, generics.RetrieveAPIView):
    """One handover with all that stood open."""

    serializer_class = OneHandoverRecord

    def get_queryset(self) -> QuerySet[Handover]:
        return self.handovers()


class Confirm(OfHandovers):
    """You have read it: another person than who made it, and never a token."""

    @extend_schema(request=None, responses={200: HandoverRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        one = generics.get_object_or_404(self.handovers(), pk=pk)
        user = person(request)
        if user.token_rights is not None:
            raise exceptions.PermissionDenied("That one has read it takes a person.")
        try:
            handovers.confirm(one, user)
        except handovers.HandoverRefused as why:
            raise refused(why) from why
        return Response(HandoverRecord(self.handovers().get(pk=one.pk)).data)


def refused(why: handovers.HandoverRefused) -> exceptions.APIException:
    return exceptions.PermissionDenied(sentence(why)) if why.is_right else Conflict(sentence(why))


NUMBER = r"(?P<pk>[0-9]{1,18})"

urlpatterns = [
    path("handovers/", Handovers.as_view(), name="api-handovers"),
    re_path(rf"^handovers/{NUMBER}/$", OneHandover.as_view(), name="api-handover"),
    re_path(rf"^handovers/{NUMBER}/confirm/$", Confirm.as_view(), name="api-handover-confirm"),
]
