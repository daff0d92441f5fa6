"""The treasury page and its panel."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cango_ops.base import clock
from cango_ops.base.models import User
from cango_ops.base.page_span import page_span
from sites import rights
from treasury.models.journal import may_see
from treasury.web.page import treasury_page


def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/treasury.html")


def panel(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/_panel.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    if not isinstance(request.user, User) or not may_see(request.user):
        raise PermissionDenied
    may_move = rights.may(request.user, rights.MOVE_TREASURY)
    context = {"page": treasury_page(clock.now()), "may_move": may_move, "span": page_span(request), "only_zone": True}
    return render(request, template, context)
