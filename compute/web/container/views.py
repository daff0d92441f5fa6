"""The page of a container and its panel."""

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from cango_ops.base.page_span import page_span
from compute.models import Container
from compute.web.choices import one_of
from compute.web.container.page import ORDERS, ContainerPage, charts_of, container_page
from compute.web.site_rights import may
from compute.web.slot_map import SHADES
from sites import rights


@login_required
@csp_update({"style-src": "'unsafe-inline'"})
def page(request: HttpRequest, site: str, code: str) -> HttpResponse:
    container = visible(request, site, code)
    span = page_span(request, container.site.time_zone)
    shown = shown_page(request, container)
    context = {"page": shown, "span": span, "query": request.GET.urlencode(), "charts": charts_of(shown)}
    return render(request, "compute/container.html", context | doors(request, container))


@login_required
def panel(request: HttpRequest, site: str, code: str) -> HttpResponse:
    container = visible(request, site, code)
    span = page_span(request, container.site.time_zone)
    context = {"page": shown_page(request, container), "span": span}
    return render(request, "compute/_container_panel.html", context | doors(request, container))


def doors(request: HttpRequest, container: Container) -> dict[str, object]:
    """Whether the page of orders to its machines is open to who asks."""
    return {"may_operate": may(request, rights.OPERATE, container.site)}


def shown_page(request: HttpRequest, container: Container) -> ContainerPage:
    shade, order = one_of(request, "show", SHADES), one_of(request, "sort", ORDERS)
    return container_page(container, request.GET.dict(), shade, order)


def visible(request: HttpRequest, site: str, code: str) -> Container:
    containers = Container.objects.visible_to(request.user).select_related("site__region")
    return get_object_or_404(containers, site__code=site, code=code)
