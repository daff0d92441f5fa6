"""Endpoints of the places: sites, who I am, and the tokens of mine."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import path, re_path
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Answers, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from sites import api_tokens
from sites.models import ApiToken, PlannedWindow, Site
from sites.web.api_records import MeRecord, SiteRecord, TokenRecord, me
from sites.web.filters import SiteFilter


class TokenScheme(OpenApiAuthenticationExtension):
    """How a token is described to programs."""

    target_class = "sites.web.token_authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of /account/tokens/."}


def with_windows(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Each with the planned outage that holds for all of it, as `holding`."""
    whole = PlannedWindow.objects.at(clock.now()).filter(container_id=None)
    return sites.prefetch_related(Prefetch("windows", whole, to_attr="holding"))


class Sites(Answers, generics.ListAPIView):
    """Every site that you may see."""

    serializer_class = SiteRecord
    filterset_class = SiteFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"code": "code", "name": "name", "capacity_mw": "capacity_mw"}

    def get_queryset(self) -> QuerySet[Site]:
        return with_windows(Site.objects.visible_to(self.request.user).select_related("operator", "region"))


class OneSite(Answers, generics.RetrieveAPIView):
    """One site by its code."""

    serializer_class = SiteRecord
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Site]:
        return with_windows(Site.objects.visible_to(self.request.user).select_related("operator", "region"))


class Me(Answers):
    """Who you are here, the token that you show, and your rights at each site."""

    @extend_schema(responses=MeRecord)
    def get(self, request: Request) -> Response:
        mine = api_tokens.owned_by(person(request))
        token = mine.get(pk=request.auth.pk) if isinstance(request.auth, ApiToken) else None
        return Response(MeRecord(me(person(request), token)).data)


class Tokens(Answers, generics.ListAPIView):
    """Your tokens that were not revoked. A token sees itself alone; a new one is issued at /account/tokens/."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenRecord
    pagination_class = Keyset
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[ApiToken]:
        mine = api_tokens.owned_by(person(self.request))
        return mine.filter(pk=self.request.auth.pk) if isinstance(self.request.auth, ApiToken) else mine


class OneToken(Answers):
    """One of your tokens. A token may end itself, whatever its scopes, and no other."""

    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, prefix: str) -> Response:
        """Revokes the token: its next request is refused."""
        if isinstance(request.auth, ApiToken) and request.auth.prefix != prefix:
            raise Http404
        if not api_tokens.revoke(person(request), prefix, timezone.now()):
            raise Http404
        return Response(status=204)


urlpatterns = [
    path("sites/", Sites.as_view(), name="api-sites"),
    re_path(r"^sites/(?P<code>[-\w]{1,16})/$", OneSite.as_view(), name="api-site"),
    path("me/", Me.as_view(), name="api-me"),
    path("tokens/", Tokens.as_view(), name="api-tokens"),
    re_path(r"^tokens/(?P<prefix>[0-9A-Za-z]{12})/$", OneToken.as_view(), name="api-token"),
]
