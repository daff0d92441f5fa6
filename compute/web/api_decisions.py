"""Endpoints of plans and decisions. Reading takes the site's sight, by session or token; deciding takes a person."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from compute.commands.refusal import Refused
from compute.decisions import decide
from compute.models import Decision, Plan
from compute.web import step_up
from compute.web.api_order_records import Word
from compute.web.api_orders import ByPerson, refused
from sites.web.token_authentication import ScopeAllows


def dollars(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=16, decimal_places=2, **options)


class PlanRecord(serializers.ModelSerializer):
    """One planning round of a site. source is empty where nothing could be planned; then words says why."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    made_at = Instant()
    begin_at = Instant()
    facts = serializers.JSONField(help_text="Where each input came from, how old it was, and what was done without it.")
    schedule = serializers.JSONField(
        help_text="Columns over the steps; hours holds the length of each. tiers: power by tier and power limit, "
        "machines now and planned, what a MWh earns in each mode and what the last one of it earns."
    )
    profit_usd = dollars(allow_null=True)
    keep_usd = dollars(allow_null=True, help_text="Of going on as now.")
    merit_usd = dollars(allow_null=True, help_text="Of the merit order.")
    gap_usd = dollars(allow_null=True, help_text="Nobody can earn more than this beside the plan.")

    class Meta:
        model = Plan
        fields = ["id", "site", "made_at", "begin_at", "source", "words", "verdict", "digest", "profit_usd", "keep_usd",
                  "merit_usd", "gap_usd", "facts", "schedule"]  # fmt: skip
        read_only_fields = fields


class DecisionRecord(serializers.ModelSerializer):
    """A change of what runs: proposed, judged, ordered, verified."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    plan = serializers.IntegerField(source="plan_id")
    state = serializers.ChoiceField(Decision.State.choices)
    gain_usd = dollars(help_text="Over going on as now, by a second solve.")
    usd_per_h = dollars()
    risk_usd = dollars(allow_null=True, help_text="What it may cost at most.")
    proposed_at = Instant()
    until_at = Instant()
    not_after = Instant(help_text="Afterwards it may not be approved any more.")
    held_until = Instant(allow_null=True)
    decided_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    moves = serializers.JSONField(
        help_text="What each unit is told; power_limit from from_w to limit_w, of so many machines."
    )
    alternatives = serializers.JSONField()
    break_evens = serializers.JSONField()
    order_ids = serializers.JSONField()
    approvals = serializers.SerializerMethodField(help_text="Words said for it so far.")

    class Meta:
        model = Decision
        fields = [
            "id", "site", "plan", "state", "direction", "sentence", "moves", "change_mw", "gain_usd", "usd_per_h",
            "risk_usd", "alternatives", "break_evens", "proposed_at", "until_at", "not_after", "held_until",
            "approvals_needed", "approvals", "ruling", "is_automatic", "order_ids", "decided_at", "ended_at",
            "end_reason", "before_mw", "after_mw", "verdict",
        ]  # fmt: skip
        read_only_fields = fields

    def get_approvals(self, decision: Decision) -> int:
        return len(decision.approvals.all())


class PlanFilter(django_filters.FilterSet):
    site = django_filters.CharFilter("site__code")

    class Meta:
        model = Plan
        fields: list[str] = []


class DecisionFilter(django_filters.FilterSet):
    site = django_filters.CharFilter("site__code")
    state = django_filters.ChoiceFilter(choices=Decision.State.choices)

    class Meta:
        model = Decision
        fields: list[str] = []


class Seen(Answers):
    permission_classes = [IsAuthenticated, ByPerson, ScopeAllows]

    def decisions(self) -> QuerySet[Decision]:
        seen = Decision.objects.visible_to(person(self.request)).select_related("site")
        return seen.prefetch_related("approvals")


class Plans(Seen, generics.ListAPIView):
    """Every plan of the sites that you may see."""

    queryset = Plan.objects.none()
    serializer_class = PlanRecord
    filterset_class: Any = PlanFilter
    pagination_class = Keyset
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Plan]:
        seen = Plan.objects.visible_to(person(self.request))
        return seen.select_related("site").defer("inputs", "chosen")


class Decisions(Seen, generics.ListAPIView):
    """Every decision at the sites that you may see."""

    queryset = Decision.objects.none()
    serializer_class = DecisionRecord
    filterset_class: Any = DecisionFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk"}

    def get_queryset(self) -> QuerySet[Decision]:
        return self.decisions()


class OneDecision(Seen, generics.RetrieveAPIView):
    """One decision by its number."""

    serializer_class = DecisionRecord

    def get_queryset(self) -> QuerySet[Decision]:
        return self.decisions()


class Judge(Seen):
    """A person's word about a decision. says: what the word holds."""

    says: type[Word] = Word

    def judge(self, decision: Decision, request: Request, said: dict[str, Any]) -> None:
        raise NotImplementedError

    @extend_schema(request=Word, responses={200: DecisionRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        word = self.says(data=request.data)
        word.is_valid(raise_exception=True)
        one = generics.get_object_or_404(self.decisions(), pk=pk)
        try:
            self.judge(one, request, word.validated_data)
        except Refused as why:
            raise refused(why) from why
        return Response(DecisionRecord(self.decisions().get(pk=pk)).data)


class Approve(Judge):
    """Your word for it. Said twice, it counts once. Where two are needed, sign in again not long before."""

    def judge(self, decision: Decision, request: Request, said: dict[str, Any]) -> None:
        decide.may_judge(decision, person(request))
        if step_up.is_needed(request._request, decision.approvals_needed):
            raise exceptions.PermissionDenied(step_up.WORDS, code="sign_in_again")
        decide.approve(decision, person(request))


class Refuse(Judge):
    """Ends a decision that waits."""

    def judge(self, decision: Decision, request: Request, said: dict[str, Any]) -> None:
        decide.refuse(decision, person(request), said["reason"])


class Aside(Word):
    """A word with the minutes that it holds for."""

    minutes: Any = serializers.IntegerField(min_value=1, max_value=decide.LONGEST_HOLD_MIN, default=decide.HOLD_MIN)


class Hold(Judge):
    """Puts a decision aside; until the hold is over nothing else is proposed at its site."""

    says = Aside

    def judge(self, decision: Decision, request: Request, said: dict[str, Any]) -> None:
        decide.hold(decision, person(request), said["minutes"], said["reason"])

    @extend_schema(request=Aside, responses={200: DecisionRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        return super().post(request, pk)


NUMBER = r"(?P<pk>[0-9]{1,18})"
urlpatterns = [
    path("plans/", Plans.as_view(), name="api-plans"),
    path("decisions/", Decisions.as_view(), name="api-decisions"),
    re_path(rf"^decisions/{NUMBER}/$", OneDecision.as_view(), name="api-decision"),
    re_path(rf"^decisions/{NUMBER}/approve/$", Approve.as_view(), name="api-decision-approve"),
    re_path(rf"^decisions/{NUMBER}/refuse/$", Refuse.as_view(), name="api-decision-refuse"),
    re_path(rf"^decisions/{NUMBER}/hold/$", Hold.as_view(), name="api-decision-hold"),
]
