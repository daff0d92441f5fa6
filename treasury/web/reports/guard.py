"""What the views of the monthly reports share: months that are none, rows that are not there, numbers of forms."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from cango_ops.wire import Garbled
from treasury.models import Report
from treasury.reports import months
from treasury.web import guard
from treasury.web.guard import shown

__all__ = ["number_of", "of_the_books", "report_of", "shown", "there"]

View = Callable[..., HttpResponse]


def of_the_books(view: View) -> View:
    """For those who see the treasury alone; a word that is no month is not there."""

    @wraps(view)
    def of_a_month(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Garbled as why:
            raise Http404 from why

    return guard.of_the_books(of_a_month)


def there(found: Any) -> Any:
    if found is None:
        raise Http404
    return found


def report_of(month: str, version: int) -> Report:
    return there(Report.objects.filter(month=months.first_day(month), version=version).first())


def number_of(text: str, most: int = 18) -> int:
    """A row's number out of a form; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < most else 0
