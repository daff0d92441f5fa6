"""Who may open the pages of the company's books."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from cango_ops.base.models import User
from cango_ops.base.page_span import page_span
from treasury.models.journal import may_see

View = Callable[..., HttpResponse]


def of_the_books(view: View) -> View:
    """Refuses who may not see the treasury."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or not may_see(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def shown(request: HttpRequest, template: str, page: object, status: int = 200, **more: Any) -> HttpResponse:
    context = {"page": page, "span": page_span(request), "only_zone": True} | more
    return render(request, template, context, status=status)
