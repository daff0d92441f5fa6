"""A site's map as a file, for programs: take it, ask what a file would change, apply it."""

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import re_path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, person
from cango_ops.base.formats import Json
from cango_ops.base.problems import BadParameter, Conflict
from compute.map_file import exchange
from compute.map_file.exchange import FileWrong, OutOfDate
from compute.map_file.text import LIMIT_BYTES
from compute.models import MapChange
from sites import rights
from sites.models import Site

MOST_REASONS = 100


class MapText(BaseParser):
    """The file's bytes, as far as they may be read."""

    media_type = "text/csv"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return bytes(stream.read(LIMIT_BYTES + 1))


class MapCsv(BaseRenderer):
    """The map's file as it is; its cells were made safe when it was written."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        return str(data)


class ChangeRecord(serializers.Serializer):
    """One change of a place."""

    kind = serializers.ChoiceField(["added", "changed", "moved", "removed"])
    place = serializers.CharField()
    words = serializers.CharField()


class CountsRecord(serializers.Serializer):
    """How many places."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    moved = serializers.IntegerField()
    removed = serializers.IntegerField()


class MapChangeRecord(serializers.Serializer):
    """What a file changes; the first thousand changes one by one."""

    applied = serializers.BooleanField(help_text="False for a dry run.")
    counts = CountsRecord()
    changes = ChangeRecord(many=True)
    containers = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())


class SiteMap(Answers):
    """The map of a site as a CSV file: which machine stands where, and how it is asked."""

    parser_classes = [MapText]

    @property
    def parameters(self) -> set[str]:  # type: ignore[override]
        return {"dry_run"} if self.request.method == "POST" else set()

    def get_renderers(self) -> list[Any]:
        request = getattr(self, "request", None)
        return [MapCsv()] if request is None or request.method in ("GET", "HEAD") else [Json()]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, code: str) -> Response:
        """The same map is the same file, byte by byte."""
        return Response(exchange.exported(get_object_or_404(Site.objects.visible_to(request.user), code=code)))

    @extend_schema(
        request={"text/csv": OpenApiTypes.STR},
        responses={(200, "application/json"): MapChangeRecord},
        parameters=[
            OpenApiParameter("dry_run", bool, description="Only say what the file would change."),
            OpenApiParameter(
                "Idempotency-Key", OpenApiTypes.UUID, OpenApiParameter.HEADER,
                description="Made by the sender; needed unless it is a dry run. Sent again, nothing is done twice.",
            ),
        ],
    )  # fmt: skip
    def post(self, request: Request, code: str) -> Response:
        """Makes the map what the file says, wholly or not at all; line and column of everything wrong are named."""
        site = get_object_or_404(Site.objects.visible_to(request.user), code=code)
        if not rights.may(person(request), rights.CHANGE_MAP, site):
            raise PermissionDenied
        try:
            if is_dry(request):
                found, diff = exchange.looked_at(site, sent(request))
                return Response(record(exchange.kept(found, diff), applied=False))
            change = exchange.send(person(request), site, sent(request), key_of(request))
            exchange.apply(person(request), change)
        except FileWrong as refused:
            raise in_words(refused) from None
        except OutOfDate as refused:
            raise Conflict(str(refused)) from None
        return Response(record(MapChange.objects.get(pk=change.pk).difference, applied=True))


def is_dry(request: Request) -> bool:
    said = request.query_params.get("dry_run", "false")
    if said not in ("true", "false"):
        raise BadParameter("dry_run", "expected true or false.")
    return said == "true"


def sent(request: Request) -> bytes:
    return request.data if isinstance(request.data, bytes) else b""


def key_of(request: Request) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise BadParameter("Idempotency-Key", "expected a header with a UUID made by you.") from None


def in_words(refused: FileWrong) -> exceptions.ValidationError:
    reasons: dict[str, list[str]] = {}
    for one in refused.wrong[:MOST_REASONS]:
        where, _, words = str(one).partition(": ")
        reasons.setdefault(where, []).append(words)
    return exceptions.ValidationError(reasons)


def record(told: dict[str, Any], *, applied: bool) -> dict[str, Any]:
    shown = {"applied": applied, **told, "containers": told["boxes"]}
    return dict(MapChangeRecord(shown).data)


urlpatterns = [re_path(r"^sites/(?P<code>[-\w]{1,16})/map/$", SiteMap.as_view(), name="api-site-map")]
