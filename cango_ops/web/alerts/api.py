"""Endpoints of alerts: what the pages show, by the same rights; acknowledging takes the right to operate the place."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cango_ops.alerts.acknowledge import acknowledge
from cango_ops.alerts.models import Alert, AlertEvent
from cango_ops.alerts.queries import STATES
from cango_ops.alerts.refusal import Refused
from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.formats import Csv, Json
from cango_ops.base.keyset import Keyset
from cango_ops.base.problems import Conflict
from cango_ops.web.alerts.seen import may_act, seen
from sites.models import Site


class AlertRecord(serializers.ModelSerializer):
    """One alert. usd_per_h: what it costs an hour, null where nobody can say; usd_why says why."""

    state = serializers.ChoiceField(Alert.State.choices)
    severity = serializers.ChoiceField(Alert.Severity.choices)
    usd_per_h = serializers.DecimalField(14, 2, allow_null=True)
    since = Instant()
    fired_at = Instant(allow_null=True)
    acknowledged_by = serializers.CharField(allow_null=True)
    acknowledged_at = Instant(allow_null=True)
    resolved_at = Instant(allow_null=True)
    silenced_until = Instant(allow_null=True)
    judged_at = Instant(help_text="When its rule was last judged with an answer.")
    covered_by = serializers.IntegerField(
        source="covered_by_id", allow_null=True, help_text="The alert that this one is part of."
    )

    class Meta:
        model = Alert
        fields = [
            "id", "rule", "subject", "scope", "place", "state", "severity", "sentence", "action", "url", "usd_per_h",
            "usd_why", "value", "since", "fired_at", "acknowledged_by", "acknowledged_at", "resolved_at", "reopened",
            "silenced_until", "covered_by", "judged_at",
        ]  # fmt: skip
        read_only_fields = fields


class EventRecord(serializers.ModelSerializer):
    """One line of an alert's timeline. actor: empty for the console."""

    at = Instant()

    class Meta:
        model = AlertEvent
        fields = ["at", "kind", "actor", "words"]
        read_only_fields = fields


class OneAlertRecord(AlertRecord):
    """One alert with its timeline."""

    events = EventRecord(many=True)

    class Meta(AlertRecord.Meta):
        fields = [*AlertRecord.Meta.fields, "events"]
        read_only_fields = fields


class AlertFilter(django_filters.FilterSet):
    """Codes that you do not know of, or that do not exist, match nothing."""

    state = django_filters.ChoiceFilter(
        choices=[(name, name) for name in STATES], method="in_state", help_text="open: what calls for somebody."
    )
    severity = django_filters.ChoiceFilter(choices=Alert.Severity.choices)
    rule = django_filters.CharFilter()
    site = django_filters.CharFilter(method="of_site", help_text="Code of a site.")

    class Meta:
        model = Alert
        fields: list[str] = []

    def in_state(self, alerts: QuerySet[Alert], name: str, state: str) -> QuerySet[Alert]:
        return alerts.filter(STATES[state])

    def of_site(self, alerts: QuerySet[Alert], name: str, code: str) -> QuerySet[Alert]:
        places = Site.objects.visible_to(self.request.user).filter(code=code)
        return alerts.filter(site_id__in=places.values("pk"))


class OfAlerts(Answers):
    """The base of what reads alerts."""

    def alerts(self) -> QuerySet[Alert]:
        return Alert.objects.filter(seen(person(self.request))).select_related("acknowledged_by")


class Alerts(OfAlerts, generics.ListAPIView):
    """Every alert that you may see, also what is over."""

    queryset = Alert.objects.none()
    serializer_class = AlertRecord
    filterset_class: Any = AlertFilter
    pagination_class = Keyset
    renderer_classes = [Json, Csv]
    orderings = {"id": "pk", "since": "since"}

    def get_queryset(self) -> QuerySet[Alert]:
        return self.alerts()


class OneAlert(OfAlerts, generics.RetrieveAPIView):
    """One alert with its timeline."""

    serializer_class = OneAlertRecord

    def get_queryset(self) -> QuerySet[Alert]:
        return self.alerts().prefetch_related("events")


class Note(serializers.Serializer):
    """What the next one should know."""

    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class Acknowledge(OfAlerts):
    """You have it: nobody further is called. Said twice by the same person, it counts once."""

    @extend_schema(request=Note, responses={200: AlertRecord, 409: None})
    def post(self, request: Request, pk: str) -> Response:
        one = generics.get_object_or_404(self.alerts(), pk=pk)
        if not may_act(person(request), one):
            raise exceptions.PermissionDenied("Your role, or this token, does not act at that place.")
        said = Note(data=request.data)
        said.is_valid(raise_exception=True)
        try:
            acknowledge(one, person(request), said.validated_data["note"])
        except Refused as why:
            raise Conflict(f"{str(why)[:1].upper()}{str(why)[1:]}.") from why
        return Response(AlertRecord(self.alerts().get(pk=one.pk)).data)


NUMBER = r"(?P<pk>[0-9]{1,18})"

urlpatterns = [
    path("alerts/", Alerts.as_view(), name="api-alerts"),
    re_path(rf"^alerts/{NUMBER}/$", OneAlert.as_view(), name="api-alert"),
    re_path(rf"^alerts/{NUMBER}/acknowledge/$", Acknowledge.as_view(), name="api-alert-acknowledge"),
]
