"""What is answered when a page cannot be: what happened, since when, what to do. None of it asks the database.

An outage of the database has its own answer in cango_ops/web/outage.py. Programs get problem details.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from cango_ops.base.problems import MEDIA_TYPE, problem
from cango_ops.base.timespan import iso


@dataclass(frozen=True)
class Trouble:
    """One error page. again: where its first button leads."""

    status: int
    title: str
    what: str
    next: str = ""
    again: str = "/"
    again_word: str = "Overview"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = str(exception.args[0])[:300] if exception.args else ""
    if request.method == "POST":
        return answer(request, Trouble(400, "This form is not understood", said, "Nothing was changed.",
                                       page_before(request), "Back to the form"))  # fmt: skip
    return answer(request, Trouble(400, "The address asks for something unknown", said, "Correct it, or start over.",
                                   request.path, "Without the parameters"))  # fmt: skip


def page_before(request: HttpRequest) -> str:
    """Where a form was sent from; the overview where nobody says so. What takes a form often shows no page itself."""
    host, _, path = request.headers.get("referer", "").partition("://")[2].partition("/")
    # The host as it was told: a wrong one may be what is complained of.
    return f"/{path.lstrip('/')}" if host and host == request.headers.get("host") else "/"


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, Trouble(403, "Your role does not allow this",
                                   "You are signed in, but none of your roles gives the right to it.",
                                   "An admin can give you one."))  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, Trouble(403, "This form is too old", "Nothing was changed.",
                                   "Load the page again and repeat it.",
                                   page_before(request), "Load again"))  # fmt: skip


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, Trouble(404, "Not here", "There is nothing at this address that you may see.",
                                   "It may have been moved, or belong to sites that are not yours."))  # fmt: skip


def server_error(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return answer(request, Trouble(500, "This failed", "The error is in the console's own log with this time.",
                                       "Look what became of it before you send it once more.",
                                       page_before(request), "Look"))  # fmt: skip
    return answer(request, Trouble(500, "This page failed", "The error is in the console's own log with this time.",
                                   "The rest of the console goes on; pollers and records are not affected.",
                                   request.get_full_path(), "Try again"))  # fmt: skip


def answer(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    now = datetime.now(UTC)
    if request.path.startswith("/api/"):
        body = problem(trouble.status, "refused", trouble.what)
        return JsonResponse(body, status=trouble.status, content_type=MEDIA_TYPE)
    context = asdict(trouble) | {"path": request.path, "at": f"{now:%H:%M:%S}", "at_iso": iso(now), "request": request}
    return HttpResponse(render_to_string("error.html", context), status=trouble.status)
