"""The page of embargoes and insiders, what people do there, and the same by REST to read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from sites import rights
from treasury.closing.close import Refused
from treasury.models import EmbargoWindow, Insider
from treasury.proposals import blackouts, insiders
from treasury.proposals.terms import instant
from treasury.web.embargo.page import embargo_page
from treasury.web.guard import asks_again, shown
from treasury.web.reports.guard import number_of, there


def allowed(request: HttpRequest) -> User:
    """Who sees the treasury by role, on the list or not: nothing here is a figure. Raises PermissionDenied."""
    user = request.user
    if not isinstance(user, User) or not rights.may(user, rights.SEE_TREASURY):
        raise PermissionDenied
    return user


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/embargo.html", embargo_page(allowed(request)))


@require_POST
@asks_again("lift", "enlist", "delist")
def act(request: HttpRequest, deed: str) -> HttpResponse:
    """Does one deed of DEEDS and returns; a refusal is said there."""
    user = allowed(request)
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request.POST, user))
    except (Refused, Garbled) as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("treasury-embargo")


def forbid(said: Any, user: User) -> str:
    starts_at, ends_at = moment(said, "starts_at", "the beginning"), moment(said, "ends_at", "the end")
    wanted = blackouts.Wanted(
        said.get("kind", ""), said.get("binds", ""), starts_at, ends_at, said.get("words", "")
    )  # fmt: skip
    return f"{blackouts.forbid(wanted, user)}."


def moment(said: Any, name: str, label: str) -> datetime:
    try:
        return instant(said.get(name, ""))
    except Garbled as why:
        raise Refused(f"{label} {why}") from why


def ask(said: Any, user: User) -> str:
    blackouts.ask_to_lift(window(said), said.get("words", ""), user)
    return "Another person may now lift it."


def lift(said: Any, user: User) -> str:
    blackouts.lift(window(said), user)
    return "It is lifted."


def window(said: Any) -> EmbargoWindow:
    return there(EmbargoWindow.objects.filter(pk=number_of(said.get("window", ""))).first())


def enlist(said: Any, user: User) -> str:
    who = there(insiders.eligible().filter(pk=number_of(said.get("who", ""))).first())
    return f"{insiders.enlist(who, said.get('words', ''), user).user} is on the insiders' list."


def delist(said: Any, user: User) -> str:
    row = there(Insider.objects.filter(pk=number_of(said.get("row", ""))).first())
    insiders.delist(row, said.get("words", ""), user)
    return f"{row.user} is off the insiders' list."


DEEDS: Final[dict[str, Callable[[Any, User], str]]] = {
    "forbid": forbid, "ask": ask, "lift": lift, "enlist": enlist, "delist": delist,
}  # fmt: skip

urlpatterns = [
    path("embargo/", index, name="treasury-embargo"),
    path("embargo/do/<slug:deed>/", act, name="treasury-embargo-act"),
]
