"""The wallets page, and what people do there: watch a wallet, name one at a custodian, retire one, send a statement.

What was put into the form is never shown again, nor kept for an error report: it might have been a key.
"""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from treasury.wallets import keep
from treasury.wallets.keep import LIMIT_BYTES, Refused
from treasury.web.guard import of_the_books, shown
from treasury.web.wallets.page import wallets_page


@require_safe
@of_the_books
def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/wallets.html", wallets_page(person(request), clock.now()))


@sensitive_post_parameters()
@require_POST
@of_the_books
def act(request: HttpRequest, deed: str) -> HttpResponse:
    """Does one deed of DEEDS; a refusal is said on the page, without what was written."""
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request))
    except Refused as why:
        return shown(request, "treasury/wallets.html", wallets_page(person(request), clock.now(), str(why)), status=400)
    return redirect("wallets")


@sensitive_variables()
def watch(request: HttpRequest) -> str:
    told: Any = request.POST
    wallet = keep.watch(
        person(request), told.get("name", ""), told.get("descriptor", ""),
        whole(told.get("gap_limit", "20")), whole(told.get("min_confirmations", "6")),
    )  # fmt: skip
    return f"{wallet.name} is watched; it is read within some minutes."


def custodian(request: HttpRequest) -> str:
    return f"{keep.at_custodian(person(request), request.POST.get('name', '')).name} waits for its first statement."


def retire(request: HttpRequest) -> str:
    return f"{keep.retire(person(request), request.POST.get('name', '')).name} is watched no more; its history stays."


def statement(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise Refused("choose a CSV or XLSX file")
    rows, new = keep.statement(person(request), file.read(LIMIT_BYTES + 1))
    return f"Rows read: {rows}, new ones: {new}."


def whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else -1


DEEDS: Final[dict[str, Callable[[HttpRequest], str]]] = {
    "watch": watch,
    "custodian": custodian,
    "retire": retire,
    "statement": statement,
}
