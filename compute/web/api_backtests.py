"""Endpoints of back-tests. Reading takes the site's sight, by session or token; asking and stopping a person."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base import clock
from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from cango_ops.base.problems import BadParameter, Conflict
from compute.backtest.run import POLICIES
from compute.models import Backtest
from compute.replays.ask import MOST_LAG, BacktestRefused, Wish, ask_for, stop
from compute.replays.stored import NoPast, stored
from compute.web.api_orders import ByPerson
from compute.web.filters import BacktestFilter
from sites.models import Site
from sites.web.token_authentication import ScopeAllows


class BacktestRecord(serializers.ModelSerializer):
    """One back-test. results: by policy, as they end."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    asked_by = serializers.CharField(source="asked_by.email")
    asked_at = Instant()
    finished_at = Instant(allow_null=True)
    begin_local = serializers.SerializerMethodField(help_text="The first step by the site's own clock.")
    policies = serializers.ListField(child=serializers.ChoiceField(list(POLICIES)))
    notes = serializers.ListField(child=serializers.CharField(), help_text="What was left out, and why.")
    results = serializers.JSONField(help_text="total_usd, without_ai_usd, starts, mwh by use, and months, by policy.")

    class Meta:
        model = Backtest
        fields = ["id", "site", "state", "asked_by", "asked_at", "finished_at", "source", "begin_local", "policies",
                  "lag", "notes", "steps", "position", "results", "words"]  # fmt: skip
        read_only_fields = fields

    def get_begin_local(self, backtest: Backtest) -> str:
        return f"{backtest.begin_local:%Y-%m-%dT%H:%M}"


class BacktestWish(serializers.Serializer):
    """Days of a site's stored prices. Files are sent on the page."""

    request_id = serializers.UUIDField(help_text="Made by you: sent again, it is the same back-test.")
    site = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField(help_text="With that day.")
    policies = serializers.ListField(child=serializers.ChoiceField(list(POLICIES)), min_length=1, max_length=4)
    lag = serializers.IntegerField(min_value=0, max_value=MOST_LAG, default=0)


class BacktestMonth(serializers.Serializer):
    """One month of one policy."""

    policy = serializers.CharField()
    month = serializers.CharField()
    usd = serializers.FloatField()
    mining_mwh = serializers.FloatField()
    ai_mwh = serializers.FloatField()
    sold_mwh = serializers.FloatField()
    charged_mwh = serializers.FloatField()
    discharged_mwh = serializers.FloatField()
    bought_mwh = serializers.FloatField()


class Seen(Answers):
    permission_classes = [IsAuthenticated, ByPerson, ScopeAllows]

    def backtests(self) -> QuerySet[Backtest]:
        seen = Backtest.objects.visible_to(person(self.request))
        return seen.select_related("site", "asked_by").defer("inputs")

    def one(self, pk: str) -> Backtest:
        return generics.get_object_or_404(self.backtests(), pk=pk)


def refused(why: BacktestRefused) -> exceptions.APIException:
    return exceptions.PermissionDenied(str(why)) if why.is_right else Conflict(str(why))


class Backtests(Seen, generics.ListAPIView):
    """Every back-test of the sites that you may see."""

    queryset = Backtest.objects.none()
    serializer_class = BacktestRecord
    filterset_class: Any = BacktestFilter
    pagination_class = Keyset
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Backtest]:
        return self.backtests()

    @extend_schema(request=BacktestWish, responses={201: BacktestRecord, 409: None})
    def post(self, request: Request) -> Response:
        """Asks for a back-test of stored prices."""
        wish = BacktestWish(data=request.data)
        wish.is_valid(raise_exception=True)
        said = wish.validated_data
        site = Site.objects.visible_to(person(request)).filter(code=said["site"]).first()
        if site is None:
            raise BadParameter("site", "is not one that you may see.")
        try:
            past = stored(site, said["first"], said["last"], clock.now())
            made = ask_for(person(request), site, Wish(said["request_id"], tuple(said["policies"]), said["lag"]), past)
        except NoPast as why:
            raise Conflict(f"{str(why)[:1].upper()}{str(why)[1:]}.") from why
        except BacktestRefused as why:
            raise refused(why) from why
        return Response(BacktestRecord(self.one(str(made.pk))).data, status=201)


class OneBacktest(Seen, generics.RetrieveAPIView):
    """One back-test."""

    serializer_class = BacktestRecord

    def get_queryset(self) -> QuerySet[Backtest]:
        return self.backtests()


class Months(Seen):
    """What each policy of a back-test earned, month by month."""

    renderer_classes = [Json, Csv]

    @extend_schema(responses={200: BacktestMonth(many=True)})
    def get(self, request: Request, pk: str) -> Response:
        results = self.one(pk).results
        return Response([month_of(name, month) for name, found in results.items() for month in found["months"]])


def month_of(policy: str, month: dict[str, Any]) -> dict[str, Any]:
    mwh = {f"{use}_mwh": month["mwh"].get(use) for use in USES}
    return {"policy": policy, "month": month["month"], "usd": month["usd"], **mwh}


USES = ("mining", "ai", "sold", "charged", "discharged", "bought")


class Stop(Seen):
    """Ends an open back-test."""

    @extend_schema(request=None, responses={200: BacktestRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        try:
            if not stop(person(request), self.one(pk)):
                raise Conflict("It had ended already.")
        except BacktestRefused as why:
            raise refused(why) from why
        return Response(BacktestRecord(self.one(pk)).data)


NUMBER = r"(?P<pk>[0-9]{1,18})"
urlpatterns = [
    path("backtests/", Backtests.as_view(), name="api-backtests"),
    re_path(rf"^backtests/{NUMBER}/$", OneBacktest.as_view(), name="api-backtest"),
    re_path(rf"^backtests/{NUMBER}/months/$", Months.as_view(), name="api-backtest-months"),
    re_path(rf"^backtests/{NUMBER}/stop/$", Stop.as_view(), name="api-backtest-stop"),
]
