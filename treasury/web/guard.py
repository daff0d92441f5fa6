"""Who may open the pages of the company's books."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
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


def asks_again(*deeds: str) -> Callable[[View], View]:
    """Asks for password or passkey again before these deeds of a view, as changes of settings do; then goes on.

    A file cannot be kept meanwhile: with one, the person is asked first and sends it again."""

    def decorator(view: View) -> View:
        sure = reauthentication_required(view)

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if kwargs["deed"] not in deeds:
                return view(request, *args, **kwargs)
            if request.FILES and is_reauthentication_required(request, app="account"):
                messages.error(request, "Not done yet: say that it is you, then send the file again.")
                back = request.path.partition("do/")[0]
                return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
            return sure(request, *args, **kwargs)

        return asked

    return decorator


def shown(request: HttpRequest, template: str, page: object, status: int = 200, **more: Any) -> HttpResponse:
    context = {"page": page, "span": page_span(request), "only_zone": True} | more
    return render(request, template, context, status=status)
