"""The page of who looked, and its export; those who see the books see who else did."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from cango_ops.base.answers import person
from cango_ops.base.export import csv_lines
from treasury.models import BooksRead
from treasury.web.access.page import access_page, looks
from treasury.web.guard import of_the_books, shown


@require_safe
@of_the_books
def index(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/access.html", access_page(person(request)))


@require_safe
@of_the_books
def export(request: HttpRequest) -> HttpResponse:
    """Everything that is kept, as CSV."""
    found = looks(list(BooksRead.objects.visible_to(person(request))))
    header = ("who", "what", "via", "times", "first_at", "last_at", "month", "release")
    cells = (
        (one.row.who, one.row.what, one.row.via, one.row.times, one.row.first_at, one.row.last_at,
         f"{one.month:%Y-%m}", one.word)
        for one in found
    )  # fmt: skip
    answer = HttpResponse("".join(csv_lines(header, cells)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="who-looked.csv"'
    return answer


urlpatterns = [
    path("access/", index, name="treasury-access"),
    path("access/export.csv", export, name="treasury-access-export"),
]
