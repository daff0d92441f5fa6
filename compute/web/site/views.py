"""The page of a site and its panel."""

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cango_ops.base.page_span import page_span
from compute.web.choices import one_of
from compute.web.site.page import VIEWS, SitePage, charts_of, site_page
from compute.web.site_rights import may
from compute.web.slot_map import SHADES
from sites import rights
from sites.models import Site


@login_required
@csp_update({"style-src": "'unsafe-inline'"})
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = visible(request, code)
    span = page_span(request, site.time_zone)
    shown = shown_page(request, site)
    context = {"page": shown, "span": span, "query": request.GET.urlencode(), "charts": charts_of(shown)}
    return render(request, "sites/site.html", context | doors(request, site))


@login_required
def panel(request: HttpRequest, code: str) -> HttpResponse:
    site = visible(request, code)
    span = page_span(request, site.time_zone)
    return render(
        request, "sites/_panel.html", {"page": shown_page(request, site), "span": span} | doors(request, site)
    )


def doors(request: HttpRequest, site: Site) -> dict[str, object]:
    """Whether orders to its machines are open to who asks."""
    return {
        "may_operate": may(request, rights.OPERATE, site),
    }


def shown_page(request: HttpRequest, site: Site) -> SitePage:
    return site_page(site, request.GET.dict(), one_of(request, "show", SHADES), one_of(request, "view", VIEWS))


def visible(request: HttpRequest, code: str) -> Site:
    sites = Site.objects.visible_to(request.user).select_related("region", "operator")
    return get_object_or_404(sites, code=code)
