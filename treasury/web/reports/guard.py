"""What every view of the monthly reports begins with: only those who see the books see them at all."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from cango_ops.base.models import User
from cango_ops.base.page_span import page_span
from cango_ops.wire import Garbled
from treasury.models import Report
from treasury.models.journal import may_see
from treasury.reports import months

View = Callable[..., HttpResponse]


def of_the_books(view: View) -> View:
    """Refuses who may not see the treasury; a word that is no month is not there."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or not may_see(request.user):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except Garbled as why:
            raise Http404 from why

    return guarded


def shown(request: HttpRequest, template: str, page: object) -> HttpResponse:
    return render(request, template, {"page": page, "span": page_span(request), "only_zone": True})


def there(found: Any) -> Any:
    if found is None:
        raise Http404
    return found


def report_of(month: str, version: int) -> Report:
    return there(Report.objects.filter(month=months.first_day(month), version=version).first())


def number_of(text: str, most: int = 18) -> int:
    """A row's number out of a form; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < most else 0
