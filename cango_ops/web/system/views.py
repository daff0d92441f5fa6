"""The system page and its panel."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cango_ops.base.page_span import page_span
from cango_ops.live.queries import newest
from cango_ops.web.navigation import rights_anywhere
from cango_ops.web.shared import shared
from cango_ops.web.system.page import System, system
from compute.models import PoolAccount
from sites import rights
from sites.models import Site

SHARED_S: Final = 1.0


def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "system/system.html")


def panel(request: HttpRequest) -> HttpResponse:
    return shown(request, "system/_panel.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    return render(request, template, {"page": page_of(request), "span": page_span(request), "only_zone": True})


def page_of(request: HttpRequest) -> System:
    if rights.SEE_SYSTEM not in rights_anywhere(request):
        raise PermissionDenied
    sites = list(Site.objects.visible_to(request.user))
    sees_inside = request.user.is_authenticated and rights.may(request.user, rights.SEE_SYSTEM)
    accounts = list(PoolAccount.objects.visible_to(request.user).select_related("operator"))
    ids = [[site.pk for site in sites], [account.pk for account in accounts]]
    return shared(
        SHARED_S, "system", newest("fleet"), ids, sees_inside, make=lambda: system(sites, sees_inside, accounts)
    )
