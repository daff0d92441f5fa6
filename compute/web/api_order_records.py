"""How orders and commands look in the API."""

from typing import Any

from rest_framework import serializers

from cango_ops.base.answers import Instant
from compute.models import Command, Order, Verb
from compute.web.api_records import Counts, Number


class OrderRecord(serializers.ModelSerializer):
    """One order: who wanted what of how many machines, who approved it, and how far it is."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    requested_by = serializers.CharField(allow_null=True, help_text="null: the console itself.")
    approved_by = serializers.SerializerMethodField()
    promised_w = serializers.FloatField(help_text="What the site should draw less; negative: more.")
    machines = serializers.IntegerField(source="counts.machines")
    by_state = Counts(source="counts.by_state")
    requested_at = Instant()
    approved_at = Instant(allow_null=True)
    not_after = Instant(help_text="Nothing of it leaves after this.")
    ended_at = Instant(allow_null=True)
    meter_before_w = Number()
    meter_after_w = Number()
    skipped = Counts(help_text="Machines left out, by reason.")

    class Meta:
        model = Order
        fields = [
            "id", "request_id", "site", "verb", "limit_w", "setpoint_w", "state", "source", "is_automatic",
            "requested_by", "requested_at", "reason", "ruling", "approvals_needed", "approved_by", "approved_at",
            "not_after", "promised_w", "hours", "risk_usd", "machines", "by_state", "skipped", "wave", "waves",
            "wave_size", "retry_of", "ended_at", "end_reason", "meter_before_w", "meter_after_w",
            "meter_words",
        ]  # fmt: skip
        read_only_fields = fields

    def get_approved_by(self, order: Order) -> list[str]:
        return [str(one.approver) for one in order.approvals.all()]


class CommandRecord(serializers.ModelSerializer):
    """One machine's part of an order."""

    device = serializers.IntegerField(source="device_id", allow_null=True)
    place = serializers.CharField(help_text="SITE/CONTAINER/SLOT as it stood.")
    claimed_at = Instant(allow_null=True)
    sent_at = Instant(allow_null=True)
    acknowledged_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    before_w = Number()
    after_w = Number()
    expected_w = serializers.FloatField(help_text="What it should draw less.")

    class Meta:
        model = Command
        fields = [
            "id", "device", "place", "wave", "state", "claimed_at", "sent_at", "acknowledged_at", "ended_at", "answer",
            "reason", "expected_w", "before_w", "after_w",
        ]  # fmt: skip
        read_only_fields = fields


class OrderWish(serializers.Serializer):
    """What a person asks for."""

    request_id = serializers.UUIDField(help_text="Made by you; the same one again is the same order.")
    site = serializers.CharField(max_length=16)
    verb = serializers.ChoiceField(Verb.choices)
    devices = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=20_000)
    reason = serializers.CharField(max_length=300)
    limit_w = serializers.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    hours = serializers.FloatField(min_value=0.1, max_value=8784, required=False, allow_null=True)


class Word(serializers.Serializer):
    """Why, where one wants to say."""

    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
