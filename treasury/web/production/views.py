"""The production page, and what people do there: explain a break, close it, send a pool's statement."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.wire import Garbled
from compute.models import PoolAccount
from sites import rights
from sites.models import Operator
from treasury.pools.statements import LIMIT_BYTES
from treasury.production import breaks, statements
from treasury.production.breaks import Refused
from treasury.web.guard import of_the_books, shown
from treasury.web.production.page import operators, production_page


@require_safe
@of_the_books
def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/production.html", production_page(person(request), chosen(request), clock.now()))


def chosen(request: HttpRequest) -> Operator | None:
    """The operator of the address, or the company."""
    code = request.GET.get("operator")
    found = operators()
    if code is None:
        return found[0] if found else None
    one = next((one for one in found if one.code == code), None)
    if one is None:
        raise Http404
    return one


@require_POST
@of_the_books
def say(request: HttpRequest, number: int) -> HttpResponse:
    """Explains a break, or closes it; a refusal is said on the page."""
    closes = request.POST.get("deed") == "close"
    try:
        breaks.say(person(request), number, request.POST.get("words", ""), closes)
    except Refused as why:
        messages.error(request, f"Not done: {why}.")
    else:
        messages.success(request, "The break is closed." if closes else "The explanation is kept.")
    return redirect("production")


@require_POST
@of_the_books
def send(request: HttpRequest) -> HttpResponse:
    """Takes a pool's statement as a file."""
    if not rights.may(person(request), rights.RECONCILE):
        raise PermissionDenied
    number, file = request.POST.get("account", ""), request.FILES.get("file")
    if not number.isdecimal() or len(number) > 18 or file is None:
        raise BadRequest("expected a pool account and a file.")
    account = PoolAccount.objects.filter(pk=int(number)).first()
    if account is None:
        raise Http404
    try:
        rows, new = statements.send(person(request), account, file.read(LIMIT_BYTES + 1))
    except Garbled as why:
        messages.error(request, f"Nothing was kept: {why}.")
    else:
        messages.success(request, f"Rows read: {rows}, new ones: {new}.")
    return redirect("production")
