"""The page of languages and its panel."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cango_ops.base.page_span import page_span
from compute.web.protocols.page import protocols_page
from sites.models import Site


@login_required
def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "compute/protocols.html")


@login_required
def panel(request: HttpRequest) -> HttpResponse:
    return shown(request, "compute/_protocols_panel.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    ids = list(Site.objects.visible_to(request.user).values_list("pk", flat=True))
    return render(request, template, {"page": protocols_page(ids), "span": page_span(request), "only_zone": True})
