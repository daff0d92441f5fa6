"""The page of value, and the file by which shares, rights, prices and costs come in."""

from datetime import UTC, datetime
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.wire import Garbled
from sites.models import Operator
from treasury.earnings.span import Month
from treasury.equity.imports import LIMIT_BYTES, load
from treasury.web.guard import of_the_books, shown
from treasury.web.value.page import may_write, value_page

MOST_LINES: Final = 10


@require_safe
@of_the_books
def page(request: HttpRequest) -> HttpResponse:
    told = value_page(clock.now(), person(request), month_asked(request), operator_asked(request))
    return shown(request, "treasury/value.html", told)


def operator_asked(request: HttpRequest) -> Operator | None:
    """The operator of the address; None for the company."""
    code = request.GET.get("operator")
    if not code:
        return None
    found = Operator.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


@require_POST
@of_the_books
def told(request: HttpRequest) -> HttpResponse:
    """A CSV of shares, rights, prices, balances and costs: all of it is written down, or nothing and why."""
    if not may_write(person(request)):
        raise PermissionDenied
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > LIMIT_BYTES:
        messages.error(request, "Nothing was written: choose a CSV file of at most 4 MiB.")
        return redirect("treasury-value")
    is_trial = "trial" in request.POST
    try:
        reading, receipt = load(file.read(), person(request), dry_run=is_trial)
    except Garbled as why:
        messages.error(request, f"Nothing was written: {why}.")
        return redirect("treasury-value")
    for line in reading.wrong[:MOST_LINES]:
        messages.error(request, f"Nothing was written: {line}.")
    if not reading.wrong:
        verb = "would be written" if is_trial else "written"
        messages.success(request, f"{len(receipt.written)} {verb}, {len(receipt.repeated)} were there.")
    return redirect("treasury-value")


def month_asked(request: HttpRequest) -> Month | None:
    """The month of the address such as 2025-10; a wrong one is a bad request."""
    text = request.GET.get("month")
    if not text:
        return None
    try:
        return Month.of(datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC))
    except ValueError as error:
        raise BadRequest("month is no month such as 2025-10.") from error
