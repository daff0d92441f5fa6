"""The doors of the API: every app's endpoints under /api/v1/, their description, and the page that shows it."""

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path, reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.response import Response

import cango_ops.web.alerts.api
import cango_ops.web.events.api
import cango_ops.web.handover.api
import cango_ops.web.saved.api
import compute.web.api
import compute.web.api_market
import compute.web.api_protocols
import sites.web.api
import sites.web.api_agreements
import sites.web.api_calls
import sites.web.people.api
import treasury.web.api
import treasury.web.api_value
import treasury.web.embargo.api
import treasury.web.loan.api
import treasury.web.production.api
import treasury.web.proposals.api
import treasury.web.reports.api
import treasury.web.wallets.api
from cango_ops.base.answers import Answers
from cango_ops.base.problems import no_such_address

LISTS = {
    "me": "api-me",
    "latest": "api-latest",
    "sites": "api-sites",
    "containers": "api-containers",
    "devices": "api-devices",
    "commands": "api-orders",
    "holds": "api-holds",
    "plans": "api-plans",
    "decisions": "api-decisions",
    "alerts": "api-alerts",
    "backtests": "api-backtests",
    "series": "api-series",
    "events": "api-events",
    "handovers": "api-handovers",
    "views": "api-views",
    "network": "api-network",
    "pools": "api-pools",
    "treasury": "api-treasury",
    "production": "api-production",
    "payouts": "api-payouts",
    "breaks": "api-breaks",
    "wallets": "api-wallets",
    "protocols": "api-protocols",
    "reports": "api-reports",
    "proposals": "api-proposals",
    "people": "api-people",
    "tokens": "api-tokens",
    "schema": "api-schema",
    "docs": "api-docs",
}

ADDRESSES = {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}


class Root(Answers):
    """Where everything is."""

    @extend_schema(responses={200: ADDRESSES})
    def get(self, request: Request) -> Response:
        return Response({name: request.build_absolute_uri(reverse(view)) for name, view in LISTS.items()})


class Written(SchemaGenerator):
    """Writes the description once: it is the same for everybody, and takes half a second."""

    @staticmethod
    @cache
    def written() -> dict[str, Any]:
        return SchemaGenerator().get_schema(public=True)

    def get_schema(self, request: Request | None = None, public: bool = False) -> dict[str, Any]:
        return self.written()


class Description(Answers, SpectacularAPIView):
    """The OpenAPI 3.1 description of everything under /api/v1/, as YAML or JSON by the Accept header."""

    generator_class = Written


@login_not_required  # the gate would tell a browser 401, as it tells programs under this address
@login_required
def docs(request: HttpRequest) -> HttpResponse:
    """The description as a page; its scripts come out of an installed package."""
    return render(request, "api/docs.html")


v1 = [
    path("", Root.as_view(), name="api-root"),
    path("schema/", Description.as_view(), name="api-schema"),
    *sites.web.api.urlpatterns,
    *sites.web.api_agreements.urlpatterns,
    *sites.web.api_calls.urlpatterns,
    *compute.web.api.urlpatterns,
    *compute.web.api_market.urlpatterns,
    *treasury.web.api.urlpatterns,
    *compute.web.api_protocols.urlpatterns,
    *treasury.web.reports.api.urlpatterns,
    *treasury.web.api_value.urlpatterns,
    *cango_ops.web.alerts.api.urlpatterns,
    *treasury.web.proposals.api.urlpatterns,
    *treasury.web.production.api.urlpatterns,
    *treasury.web.wallets.api.urlpatterns,
    *treasury.web.embargo.api.urlpatterns,
    *treasury.web.loan.api.urlpatterns,
    *cango_ops.web.events.api.urlpatterns,
    *cango_ops.web.handover.api.urlpatterns,
    *cango_ops.web.saved.api.urlpatterns,
    *sites.web.people.api.urlpatterns,
]

urlpatterns = [
    path("v1/", include(v1)),
    path("docs/", docs, name="api-docs"),
    re_path(r"^(?P<path>.*)$", no_such_address),
]
