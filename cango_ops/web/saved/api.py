"""Endpoints of saved views: one's own and those that are shared. A view is a question; what it shows is asked anew."""

from typing import Any

from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Json
from cango_ops.base.problems import BadParameter
from cango_ops.web.saved.page import shown, views_of
from cango_ops.web.saved.pages import PAGES, Sight
from cango_ops.web.saved.views import known
from sites import saved_views
from sites.models import SavedView
from sites.saved_views import ViewRefused


class ViewRecord(serializers.Serializer[Any]):
    """One view. query: what its page still knows of it; gone: the rest. shared: with whom, in words."""

    id = serializers.IntegerField(source="view.pk")
    page = serializers.CharField(source="view.page")
    name = serializers.CharField(source="view.name")
    query = serializers.CharField(source="checked.query", allow_blank=True)
    gone = serializers.ListField(source="checked.gone", child=serializers.CharField())
    share = serializers.ChoiceField(SavedView.Share.choices, source="view.share")
    shared = serializers.CharField()
    owner = serializers.CharField(source="view.owner")
    is_own = serializers.BooleanField()
    saved_at = Instant(source="view.saved_at")


class NewView(serializers.Serializer[Any]):
    """share: left out, private; the code of a company of yours; or CODE.ROLE, those who hold a role of yours there."""

    page = serializers.ChoiceField([(key, one.name) for key, one in PAGES.items()])
    name = serializers.CharField(max_length=saved_views.LONGEST_NAME)
    query = serializers.CharField(max_length=saved_views.LONGEST_QUERY, allow_blank=True, default="")
    share = serializers.CharField(max_length=60, allow_blank=True, default="")


class Views(Answers):
    """Your views and those shared with you, by name; POST keeps one, under a name that you had it replaces that."""

    renderer_classes = [Json]

    @extend_schema(responses=ViewRecord(many=True))
    def get(self, request: Request) -> Response:
        return Response(ViewRecord(views_of(person(request)), many=True).data)

    @extend_schema(request=NewView, responses={201: ViewRecord})
    def post(self, request: Request) -> Response:
        only_people(request)
        said = NewView(data=request.data)
        said.is_valid(raise_exception=True)
        asked, user = said.validated_data, person(request)
        try:
            query = known(asked["page"], asked["query"])
        except ValueError as why:
            raise BadParameter("query", f"{why}.") from why
        try:
            one = saved_views.save(user, asked["page"], asked["name"], query, asked["share"])
        except ViewRefused as why:
            raise BadParameter("share", f"{why}.") from why
        return Response(ViewRecord(shown(user, one)).data, status=201)


class OneView(Answers):
    """One view; DELETE takes one's own away."""

    @extend_schema(responses=ViewRecord)
    def get(self, request: Request, pk: str) -> Response:
        return Response(ViewRecord(shown(person(request), self.view(request, pk))).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: str) -> Response:
        only_people(request)
        if not saved_views.remove(person(request), self.view(request, pk)):
            raise exceptions.PermissionDenied("Only who saved it takes it away.")
        return Response(status=204)

    def view(self, request: Request, pk: str) -> SavedView:
        one = get_object_or_404(saved_views.visible_to(person(request)), pk=pk)
        if not Sight(person(request)).covers(one.page, one.query):
            raise exceptions.NotFound
        return one


def only_people(request: Request) -> None:
    """A program's key keeps nothing in its person's name that others would see."""
    if person(request).token_rights is not None:
        raise exceptions.PermissionDenied("Views are kept by people, not by programs.")


urlpatterns = [
    path("views/", Views.as_view(), name="api-views"),
    re_path(r"^views/(?P<pk>[0-9]{1,18})/$", OneView.as_view(), name="api-view"),
]
