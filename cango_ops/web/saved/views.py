"""Opening, keeping and taking away views; the menu of a list page's views."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from cango_ops.base.answers import person
from cango_ops.web.saved.page import Shown, shown, views_of, views_page
from cango_ops.web.saved.pages import PAGES, Sight, checked
from sites import saved_views
from sites.models import SavedView
from sites.saved_views import Team, ViewRefused


@dataclass(frozen=True)
class Menu:
    """The views of one list page, and with whom a new one may be shared."""

    page: str
    views: list[Shown]
    teams: list[Team]


def page_at(path: str) -> str:
    """The key of the list page at the address; empty where none is."""
    return next((key for key, one in PAGES.items() if one.url == path), "")


@login_required
@require_GET
def menu(request: HttpRequest) -> HttpResponse:
    """What opens under "Views"; asked for when it opens, so that no page pays for what few look at."""
    page = request.GET.get("page", "")
    if page not in PAGES:
        raise Http404
    user = person(request)
    return render(request, "saved/_menu.html", {"menu": Menu(page, views_of(user, page), saved_views.teams(user))})


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    return render(request, "saved/views.html", {"page": views_page(person(request))})


@login_required
@require_GET
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page, with what it still knows of the view; what it does not is said."""
    one = shown(person(request), visible(request, pk))
    if not one.page:
        messages.error(request, f"The page that “{one.view.name}” is a view of is no more.")
        return redirect("views")
    if one.checked.gone:
        gone = ", ".join(one.checked.gone)
        messages.warning(request, f"Left out of “{one.view.name}”, the page does not know it any more: {gone}.")
    query = one.checked.query
    return redirect(PAGES[one.view.page].url + (f"?{query}" if query else ""))


@login_required
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    said = request.POST
    page, query = said.get("page", ""), said.get("query", "")
    if page not in PAGES:
        raise BadRequest(f"page is one of {', '.join(PAGES)}.")
    clean = ""
    try:
        clean = checked(page, query).query
        one = saved_views.save(person(request), page, said.get("name", ""), known(page, query), said.get("share", ""))
        messages.success(request, f"Saved as “{one.name}”.")
    except ValueError as why:
        messages.error(request, f"Not saved: {why}.")
    return redirect(PAGES[page].url + (f"?{clean}" if clean else ""))


def known(page: str, query: str) -> str:
    """The query as it is kept; raises ViewRefused where the page does not know it all."""
    found = checked(page, query)
    if found.gone:
        raise ViewRefused(f"the page does not know {', '.join(found.gone)}")
    return found.query


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    one = visible(request, pk)
    if saved_views.remove(person(request), one):
        messages.success(request, f"“{one.name}” is gone.")
    else:
        messages.error(request, "Only who saved it takes it away.")
    return redirect("views")


def visible(request: HttpRequest, pk: int) -> SavedView:
    one = get_object_or_404(saved_views.visible_to(person(request)), pk=pk)
    if not Sight(person(request)).covers(one.page, one.query):
        raise Http404
    return one
