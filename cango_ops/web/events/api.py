"""Endpoints of events: what stands on the charts of a place, one by one; and writing a note."""

import uuid
from typing import Any, Final

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Json
from cango_ops.base.problems import BadParameter, Conflict
from cango_ops.web.events.event import KINDS, Event
from cango_ops.web.events.place import place_of
from cango_ops.web.events.queries import MOST, events_of
from cango_ops.web.events.views import noted
from compute.web.api_series import PARAMETERS as OF_SERIES
from compute.web.api_series import SCOPES, span_of
from sites import notes
from sites.models import Note

KIND: Final = OpenApiParameter("kind", enum=list(KINDS), description="Events of this kind alone.")
PARAMETERS: Final = [one for one in OF_SERIES if one.name in ("scope", "id", "range", "from", "to")] + [KIND]


class ChartEventRecord(serializers.Serializer[Event]):
    """at: the time of what it is about, not of a message. until: its end, null where it has none or goes on.
    tone: a state where the event is one, else ink. url: its page."""

    kind = serializers.ChoiceField([(kind, words[0]) for kind, words in KINDS.items()])
    at = Instant()
    until = Instant(allow_null=True)
    place = serializers.CharField()
    name = serializers.CharField()
    tone = serializers.CharField()
    url = serializers.CharField()


class EventsRecord(serializers.Serializer[Any]):
    """The events of a place in a span, the newest first. is_cut: of some kind there were more; ask for less time."""

    scope = serializers.ChoiceField([(scope, scope) for scope in SCOPES])
    id = serializers.CharField(allow_null=True)
    is_cut = serializers.BooleanField()
    events = ChartEventRecord(many=True)


class Events(Answers):
    """What happened at everything that you may see, in a region, at a site, a container or a device."""

    parameters = tuple(parameter.name for parameter in PARAMETERS)
    renderer_classes = [Json]

    @extend_schema(parameters=PARAMETERS, responses=EventsRecord, description=f"At most {MOST} of each kind.")
    def get(self, request: Request) -> Response:
        given = request.query_params
        scope, kind = given.get("scope", ""), given.get("kind")
        if kind is not None and kind not in KINDS:
            raise BadParameter("kind", f"expected one of {', '.join(KINDS)}.")
        if scope not in SCOPES:
            raise BadParameter("scope", f"expected one of {', '.join(SCOPES)}.")
        span = span_of(request)
        place = place_of(person(request), scope, given.get("id", ""))
        found = events_of(person(request), place, span.start, span.end, (kind,) if kind else ())
        said = {"scope": scope, "id": given.get("id"), "is_cut": found.is_cut, "events": found.events}
        return Response(EventsRecord(said).data)


class NewNote(serializers.Serializer[Any]):
    """A note about a site, a container or a device. request_id: made by you; sent again it is the same note."""

    request_id = serializers.UUIDField()
    scope = serializers.ChoiceField([(scope, scope) for scope in ("site", "container", "device")])
    id = serializers.CharField(max_length=40)
    words = serializers.CharField(max_length=notes.LONGEST)
    at = serializers.DateTimeField(required=False, help_text="What it is about was then; now if left out.")


class NoteRecord(serializers.ModelSerializer[Note]):
    """One note."""

    at = Instant()
    written_at = Instant()
    written_by = serializers.CharField()
    site = serializers.CharField()
    container = serializers.CharField(allow_blank=True)
    slot = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Note
        fields = ["id", "site", "container", "slot", "at", "words", "written_by", "written_at"]
        read_only_fields = fields


class Notes(Answers):
    """Writes a note: it stands on the charts of its place."""

    @extend_schema(request=NewNote, responses={201: NoteRecord, 409: None})
    def post(self, request: Request) -> Response:
        said = NewNote(data=request.data)
        said.is_valid(raise_exception=True)
        asked = said.validated_data
        place = place_of(person(request), asked["scope"], asked["id"])
        assert place.site is not None
        request_id: uuid.UUID = asked["request_id"]
        try:
            note = notes.write(request_id, person(request), place.site, asked["words"], noted(place), asked.get("at"))
        except notes.NoteRefused as why:
            if why.is_right:
                raise exceptions.PermissionDenied("Your role, or this token, does not act at that place.") from why
            raise Conflict(f"{str(why)[:1].upper()}{str(why)[1:]}.") from why
        return Response(NoteRecord(note).data, status=201)


urlpatterns = [
    path("events/", Events.as_view(), name="api-events"),
    path("notes/", Notes.as_view(), name="api-notes"),
]
