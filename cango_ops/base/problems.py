"""Every refusal of the API in one shape: problem details (RFC 9457), and never a traceback or a page of HTML.

A problem says what happened in `detail`, which parameter was wrong in `parameters`, and in `code` a word that a
program can rely on. An unforeseen error gets an id that stands in the log beside its traceback.
"""

import logging
import math
import uuid
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.encoding import escape_uri_path
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from cango_ops.base.database import in_words, is_away, is_unreachable

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_S = 5


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problem details; used for refusals whatever the caller accepts."""

    media_type = MEDIA_TYPE
    format = "problem"


class BadParameter(exceptions.ValidationError):
    """A 400 that names the parameter."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__({name: [reason]})


class Conflict(exceptions.APIException):
    """A 409: what is asked for cannot be, as things stand."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


def problem(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The members of one problem. type: a code of ours under a relative address, so that it needs no host."""
    return {
        "type": f"/api/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        **members,
    }


def answer_with_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: a problem for every exception, the unforeseen ones included.

    None for a database that is away: the middleware that spares it for a second must hear of it, and answers 503.
    """
    if is_unreachable(error):
        return None
    body, headers = describe(error)
    request = context.get("request")
    if request is not None:
        request.accepted_renderer, request.accepted_media_type = ProblemRenderer(), MEDIA_TYPE
        body["instance"] = escape_uri_path(request.path)
    return Response(body, status=body["status"], headers=headers)


def describe(error: Exception) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem of an exception and the headers that go with it."""
    if isinstance(error, Http404):
        return problem(404, "not_found", "There is nothing here that you may see."), {}
    if isinstance(error, PermissionDenied):
        return problem(403, "permission_denied", "You may not do this."), {}
    if isinstance(error, SuspiciousOperation):
        return problem(400, "bad_request", "The request could not be read."), {}
    if isinstance(error, exceptions.ValidationError):
        return _bad_parameters(error), {}
    if isinstance(error, exceptions.APIException):
        return _refusal(error)
    if is_away(error):
        words = f"{in_words(error)} Ask for less: a shorter range, a smaller page."
        return problem(503, "too_slow", words), {"Retry-After": str(RETRY_S)}
    return _unforeseen(error), {}


def _bad_parameters(error: exceptions.ValidationError) -> dict[str, Any]:
    parameters = [{"name": name, "reason": reason} for name, reason in _reasons(error.detail)]
    detail = " ".join(": ".join(filter(None, wrong.values())) for wrong in parameters)
    return problem(400, "bad_parameter", detail, parameters=parameters)


def _reasons(detail: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(parameter, reason) of DRF's nested errors; the name of a nested one is joined by dots."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            part = "" if key in {"non_field_errors", "__all__"} else str(key)
            yield from _reasons(inner, ".".join(filter(None, (name, part))))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _reasons(inner, name)
    else:
        yield name, str(detail)


def _refusal(error: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    if isinstance(error, exceptions.NotFound):
        return describe(Http404())
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "refused"
    return problem(error.status_code, code, str(error.detail)), headers


def _unforeseen(error: Exception) -> dict[str, Any]:
    error_id = uuid.uuid4().hex
    log.error("Unforeseen error %s", error_id, exc_info=error)
    return problem(500, "unforeseen", "Something went wrong on our side; the id finds it in the log.", id=error_id)


@login_not_required
def no_such_address(request: HttpRequest, path: str = "") -> JsonResponse:
    """The answer of every address under /api/ that nothing else took."""
    body = problem(404, "not_found", "The API has no such address.", instance=escape_uri_path(request.path))
    return JsonResponse(body, status=404, content_type=MEDIA_TYPE)
