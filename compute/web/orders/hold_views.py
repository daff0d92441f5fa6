"""The red Hold: a page with one button for each scope that the person may hold, and for each hold that stands."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cango_ops.base.answers import person
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from compute.commands import hold, queries
from compute.commands.refusal import Refused
from compute.models import Hold
from compute.web.orders.queue import HERE
from compute.web.orders.views import id_of, sentence
from sites import rights
from sites.models import Operator, Site


@dataclass(frozen=True)
class Scope:
    """What one button holds. value: of the form.   request_id: so that two presses are one."""

    name: str
    value: str
    request_id: str


@dataclass(frozen=True)
class Standing:
    hold: Hold
    name: str
    may_lift: bool


@dataclass(frozen=True)
class HoldPage:
    title: str
    crumbs: tuple[Crumb, ...]
    scopes: list[Scope]
    standing: list[Standing]


def hold_page(user: User) -> HoldPage:
    standing = queries.holds(user)
    taken = {(one.site_id, one.operator_id) for one in standing}
    free = [one for one, key in scopes(user) if key not in taken]
    return HoldPage(
        title=f"{len(standing)} hold{'s' if len(standing) != 1 else ''} in force" if standing else "No hold in force",
        crumbs=(COMPANY, HERE, Crumb("Hold", "/hold/")),
        scopes=free,
        standing=[Standing(one, name_of(one), hold.may_lift(user, one)) for one in standing],
    )


def scopes(user: User) -> list[tuple[Scope, tuple[int | None, int | None]]]:
    """All that the person may hold, the widest first, with its (site, operator)."""
    found: list[tuple[Scope, tuple[int | None, int | None]]] = []
    if rights.may(user, rights.OPERATE):
        found.append((scope("Every site", "all"), (None, None)))
    sites = list(Site.objects.visible_to(user).select_related("operator"))
    for operator in sorted({site.operator for site in sites}, key=str):
        if rights.may_for(user, rights.OPERATE, operator):
            found.append((scope(f"All sites of {operator}", f"operator:{operator.code}"), (None, operator.pk)))
    here = rights.at_each_site(user, sites)
    for site in sites:
        if rights.OPERATE in here[site.code]:
            found.append((scope(f"{site.code}, {site.name}", f"site:{site.code}"), (site.pk, None)))
    return found


def scope(name: str, value: str) -> Scope:
    return Scope(name, value, str(uuid.uuid4()))


def name_of(one: Hold) -> str:
    return one.site.code if one.site else f"all sites of {one.operator}" if one.operator else "every site"


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/hold.html", {"page": hold_page(person(request))})


@login_required
@require_GET
def line(request: HttpRequest) -> HttpResponse:
    """The line that stands on every page while a hold does."""
    return render(request, "parts/hold_line.html")


@login_required
@require_POST
def press(request: HttpRequest) -> HttpResponse:
    kind, _, code = request.POST.get("scope", "").partition(":")
    sites = Site.objects.visible_to(request.user)
    where: dict[str, Site | Operator] = {}
    if kind == "site":
        where["site"] = get_object_or_404(sites, code=code)
    elif kind == "operator":
        where["operator"] = get_object_or_404(Operator.objects.filter(sites__in=sites).distinct(), code=code)
    elif kind != "all":
        raise BadRequest("scope is all, operator:CODE or site:CODE.")
    try:
        placed = hold.press(id_of(request), person(request), reason=request.POST.get("reason", ""), **where)  # type: ignore[arg-type]
    except Refused as why:
        messages.error(request, sentence(why))
    else:
        messages.success(request, f"Held: {name_of(placed)}. Nothing leaves that was approved before.")
    return redirect("hold")


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    mine = {one.pk for one in queries.holds(person(request))}
    one = get_object_or_404(Hold.objects.filter(pk__in=mine).select_related("site", "operator"), pk=pk)
    try:
        lifted = hold.lift(one, person(request))
    except Refused as why:
        messages.error(request, sentence(why))
    else:
        messages.success(request, "Lifted." if lifted else "It was lifted before.")
    return redirect("hold")
