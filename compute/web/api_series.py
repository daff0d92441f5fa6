"""History by REST: columns of numbers over time, as JSON or CSV."""

import re
from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import renderers, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import timespan
from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.export import csv_lines
from cango_ops.base.formats import Json
from cango_ops.base.models import User
from cango_ops.base.problems import BadParameter
from compute.models import Container, Device
from compute.telemetry import queries
from sites.models import Site

SCOPES: Final = ("fleet", "region", "site", "container", "device")
RESOLUTIONS_S: Final = (60, 900, 3600, 86400)
MOST_POINTS: Final = 10_000
METRICS: Final = tuple(dict.fromkeys([*queries.PLACE_METRICS, *queries.DEVICE_METRICS]))


class SeriesRecord(serializers.Serializer):
    """Point i covers [start_at[i], start_at[i] + resolution_s); a gap is null and never filled."""

    scope = serializers.ChoiceField([(scope, scope) for scope in SCOPES])
    id = serializers.CharField(allow_null=True)
    resolution_s = serializers.IntegerField()
    start_at = serializers.ListField(child=Instant())
    columns = serializers.DictField(child=serializers.ListField(child=serializers.FloatField(allow_null=True)))


class SeriesCsv(renderers.BaseRenderer):
    """A row for each point: its start, then a cell for each metric."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        rows = zip(data["start_at"], *data["columns"].values(), strict=True)
        return "".join(csv_lines(["start_at", *data["columns"]], rows))


PARAMETERS: Final = [
    OpenApiParameter("scope", enum=SCOPES, required=True, description="What the numbers are of."),
    OpenApiParameter(
        "id", str, description="Code of a region or site; SITE/CODE or number of a container; number of a device."
    ),
    OpenApiParameter(
        "metrics", {"type": "array", "items": {"type": "string", "enum": METRICS}, "minItems": 1, "uniqueItems": True},
        required=True, explode=False, description="Names, separated by commas.",
    ),
    OpenApiParameter("range", enum=list(timespan.PRESETS), description="The time up to now; 24h without from and to."),
    OpenApiParameter("from", {"type": "string", "format": "date-time"}, description="ISO 8601; UTC without an offset."),
    OpenApiParameter("to", {"type": "string", "format": "date-time"}, description="ISO 8601; now if left out."),
    OpenApiParameter(
        "resolution_s", {"type": "integer", "enum": RESOLUTIONS_S},
        description=f"Seconds of a point. Left out: the finest that gives 1500 points or fewer. At most {MOST_POINTS}.",
    ),
]  # fmt: skip


class History(Answers):
    """Numbers over time of everything that you may see, of that in a region, of a site, a container or a device."""

    parameters = tuple(parameter.name for parameter in PARAMETERS)
    renderer_classes = [Json, SeriesCsv]

    @extend_schema(parameters=PARAMETERS, responses=SeriesRecord)
    def get(self, request: Request) -> Response:
        given = request.query_params
        scope = scope_of(given.get("scope", ""))
        wanted = metrics_of(given.get("metrics", ""), scope)
        span = span_of(request)
        resolution_s = resolution_of(given.get("resolution_s"), span)
        kind, ids = subject(person(request), scope, given.get("id"))
        found = queries.series(kind, ids, wanted, span.start, span.end, resolution_s)
        return Response(
            {
                "scope": scope,
                "id": given.get("id"),
                "resolution_s": found.resolution_s,
                "start_at": found.start_at,
                "columns": found.columns,
            }
        )


def scope_of(text: str) -> str:
    if text not in SCOPES:
        raise BadParameter("scope", f"expected one of {', '.join(SCOPES)}.")
    return text


def metrics_of(text: str, scope: str) -> list[str]:
    names, known = text.split(","), queries.DEVICE_METRICS if scope == "device" else queries.PLACE_METRICS
    if not set(names) <= set(known):
        raise BadParameter("metrics", f"of a {scope} expected some of {', '.join(known)}, separated by commas.")
    if len(set(names)) < len(names):
        raise BadParameter("metrics", "names one twice.")
    return names


def span_of(request: Request) -> timespan.Span:
    times = {name: request.query_params[name] for name in ("range", "from", "to") if name in request.query_params}
    if "range" in times and len(times) > 1:
        raise BadParameter("range", "goes with neither from nor to.")
    try:
        return timespan.parse(times, timezone.now())
    except timespan.WrongSpan as error:
        named = re.match(r"range|from|to", str(error))
        raise BadParameter(named[0] if named else "from", str(error)) from error


def resolution_of(text: str | None, span: timespan.Span) -> int | None:
    if text is None:
        return None
    if text not in map(str, RESOLUTIONS_S):
        raise BadParameter("resolution_s", f"expected one of {', '.join(map(str, RESOLUTIONS_S))}.")
    points = (span.end - span.start).total_seconds() / int(text)
    if points > MOST_POINTS:
        raise BadParameter("resolution_s", f"gives {points:.0f} points, {MOST_POINTS} at most; ask for a shorter time.")
    return int(text)


def subject(user: User, scope: str, name: str | None) -> tuple[str, Sequence[int]]:
    """What the query is asked for: (kind, ids), all of them visible to the user; 404 for anything else."""
    if scope == "fleet":
        if name is not None:
            raise BadParameter("id", "goes with region, site, container and device.")
        return "site", list(Site.objects.visible_to(user).values_list("pk", flat=True))
    if not name:
        raise BadParameter("id", f"names no {scope}.")
    rows = {"region": sites_in, "site": site_named, "container": container_named, "device": device_named}[scope](
        user, name
    )
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise Http404
    return "site" if scope == "region" else scope, ids


def sites_in(user: User, region: str) -> Any:
    return Site.objects.visible_to(user).filter(region__code=region)


def site_named(user: User, name: str) -> Any:
    return Site.objects.visible_to(user).filter(code=name)


def container_named(user: User, name: str) -> Any:
    site, slash, code = name.partition("/")
    if slash:
        return Container.objects.visible_to(user).filter(site__code=site, code=code)
    return Container.objects.visible_to(user).filter(pk=number(name))


def device_named(user: User, name: str) -> Any:
    return Device.objects.visible_to(user).filter(pk=number(name))


def number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise BadParameter("id", "expected a number.")
    return int(text)
