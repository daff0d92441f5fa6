"""The overview and its panel. What is rendered is shared for a second, or until something changes, by all who see the
same sites."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from csp.decorators import csp_update
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from cango_ops.base.crumbs import Crumb
from cango_ops.base.page_span import page_span
from cango_ops.live.queries import newest
from cango_ops.web.alerts.views import needs_of
from cango_ops.web.alike import for_all_alike
from cango_ops.web.navigation import held, no_site, rights_everywhere
from cango_ops.web.overview.board import ONE_COLUMN, SORTS
from cango_ops.web.overview.page import charts_of, choices, overview
from cango_ops.web.overview.region import region_of
from cango_ops.web.shared import shared
from sites import rights
from sites.models import Site
from treasury.web.access.log import note

SHARED_S: Final = 1.0


@dataclass(frozen=True)
class Rendered:
    """A panel as HTML, and what the page around it needs. sites: how many there are.   edition: another for each
    rendering."""

    title: str
    crumbs: tuple[Crumb, ...]
    html: str
    sites: int
    edition: str

    @property
    def size(self) -> str:
        """The class of the layout: few sites leave room for the charts."""
        return "is-few" if self.sites <= ONE_COLUMN else "is-many"


@csp_update({"style-src": "'unsafe-inline'"})
def page(request: HttpRequest) -> HttpResponse:
    shown, region = rendered(request), region_of(request)
    needs = needs_of(request) if shown.sites else None
    context = {
        "page": shown, "span": page_span(request), "query": request.GET.urlencode(), "region": region,
        "charts": charts_of(region) if shown.sites else (), "needs": needs,
    }  # fmt: skip
    return for_all_alike(SHARED_S, request, "overview/overview.html", context, shown.edition, facts(needs))


def facts(needs: Mapping[str, Any] | None) -> tuple[object, ...]:
    """All that is shown of what needs somebody."""
    if needs is None:
        return ()
    alerts = [{name: value for name, value in vars(row.alert).items() if name != "_state"} for row in needs["rows"]]
    return needs["count"], needs["judged_at"], needs["is_late"], alerts


def panel(request: HttpRequest) -> HttpResponse:
    return HttpResponse(rendered(request).html)


def rendered(request: HttpRequest) -> Rendered:
    sort, region, span = sort_of(request), region_of(request), page_span(request)
    sites = Site.objects.visible_to(request.user, held(request))
    sites = sites.filter(region__code=region) if region else sites
    ids = list(sites.values_list("pk", flat=True))
    none = None if ids else no_site(request)
    sees_books = rights.SEE_TREASURY in rights_everywhere(request)
    if sees_books:
        note(request)

    def make() -> Rendered:
        shown = overview(list(sites.select_related("region")), span, sort, sees_books=sees_books)
        sorts = choices(sort, region, span)
        context = {"page": shown, "span": span, "sorts": sorts, "region": region, "none": none}
        html = render_to_string("overview/_panel.html", context)
        return Rendered(shown.title, shown.crumbs, html, len(ids), edition=uuid.uuid4().hex)

    seen = (newest("fleet"), ids, sees_books, none, sort, region, span.query, span.zone_name)
    return shared(SHARED_S, "overview", *seen, make=make)


def sort_of(request: HttpRequest) -> str:
    sort = request.GET.get("sort", "region")
    if sort not in SORTS:
        raise BadRequest(f"sort={sort[:20]} is not known: expected one of {', '.join(SORTS)}.")
    return sort
