"""What a request is told while the database is away: 503 in plain words with Retry-After, never a traceback.

For a second after it was found away nobody else is made to wait for it; then the next request tries again.
"""

import logging
import sys
import time
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from cango_ops.base.database import UNREACHABLE, in_words, is_away, is_unreachable
from cango_ops.base.problems import MEDIA_TYPE, problem
from cango_ops.web import errors

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5
SPARE_S = 1.0


class Breaker:
    """Remembers for a moment that the database is away."""

    def __init__(self) -> None:
        self.spared_until = 0.0

    def note(self, error: BaseException) -> None:
        if is_unreachable(error):
            self.spared_until = time.monotonic() + SPARE_S

    def is_open(self) -> bool:
        return time.monotonic() < self.spared_until


breaker = Breaker()


class Outage:
    """Middleware: stands in the view's place while the database is away, and answers for a view that met it so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *words: object) -> HttpResponse | None:
        if breaker.is_open() and not request.path.startswith("/health/"):
            return answer(request, UNREACHABLE)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return answer_for(request, error) if is_away(error) else None


def answer_for(request: HttpRequest, error: BaseException) -> HttpResponse:
    if not breaker.is_open():
        log.warning("%s %s", in_words(error), str(error).strip().splitlines()[0] if str(error) else "")
    breaker.note(error)
    return answer(request, in_words(error))


def answer(request: HttpRequest, words: str) -> HttpResponse:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if wants_json(request):
        response: HttpResponse = JsonResponse(problem(status, "database_away", words), status=status)
        response["Content-Type"] = MEDIA_TYPE
    else:
        response = render(request, "503.html", {"words": words, "retry_s": RETRY_AFTER_S}, status=status)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    return response


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", "text/html, */*")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: an outage met outside a view (while a session is saved, say) is still told as one."""
    error = sys.exc_info()[1]
    return answer_for(request, error) if error is not None and is_away(error) else errors.server_error(request)
