"""Keeps who looked at what of the treasury: every page, export and answer under its addresses, and what shows its
figures elsewhere; one row an hour.

A figure of a listed company is inside information until it is released, so a look is on record before it is answered;
where it cannot be recorded, nothing is shown.
"""

from collections.abc import Callable
from typing import Final

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from cango_ops.base.models import User
from treasury.models import BooksRead

V = BooksRead.Via
PAGES: Final = "/treasury/"
API: Final = "/api/v1/treasury/"
LONGEST: Final = 300
NOTED: Final = "shows_books"
KEEP: Final = """
INSERT INTO treasury_booksread (hour, who_id, who, what, via, times, first_at, last_at)
VALUES (date_trunc('hour', clock_timestamp()), %s, %s, %s, %s, 1, clock_timestamp(), clock_timestamp())
ON CONFLICT (hour, who_id, what, via)
DO UPDATE SET times = treasury_booksread.times + 1, last_at = EXCLUDED.last_at
"""


class BooksReadLog:
    """Middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if (request.path.startswith((PAGES, API)) or getattr(request, NOTED, False)) and is_a_look(request, answer):
            keep(request, answer)
        return answer


def note(request: HttpRequest) -> None:
    """For pages elsewhere that show figures of the books among others."""
    setattr(request, NOTED, True)


def is_a_look(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Something was shown: neither refused nor unchanged nor sent elsewhere."""
    return request.method in ("GET", "HEAD") and answer.status_code == 200 and isinstance(request.user, User)


def keep(request: HttpRequest, answer: HttpResponseBase) -> None:
    assert isinstance(request.user, User)
    # The fragment that a page asks for again and again is the page.
    what = request.get_full_path().replace("/panel/", "/")[:LONGEST]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [request.user.pk, request.user.email, what, via(request, answer)])


def via(request: HttpRequest, answer: HttpResponseBase) -> str:
    if request.path.startswith(API):
        return V.TOKEN if getattr(request, "auth", None) is not None else V.API
    is_file = isinstance(answer, HttpResponseBase) and "attachment" in answer.headers.get("Content-Disposition", "")
    return V.EXPORT if is_file else V.PAGE
