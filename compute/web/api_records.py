"""How machines look in the API. Explicit, field by field; a unit stands in the name, and null means not known."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cango_ops.base.answers import Instant
from compute.models import Container, Device
from compute.models.device import State
from compute.telemetry.metrics import KINDS


class Number(serializers.FloatField):
    """A number that may be unknown."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)


class Counts(serializers.DictField):
    """How many are in each state; a state that nothing is in may be left out."""

    child = serializers.IntegerField()


class SumsRecord(serializers.Serializer):
    """Numbers that add up over machines, taken over those that report."""

    devices = serializers.IntegerField(help_text="Machines on the site map.")
    reporting = serializers.IntegerField(help_text="Of them, answered within the last sweeps.")
    by_state = Counts()
    hashrate_ths = Number()
    deployed_ths = serializers.FloatField(help_text="Nameplates of all machines.")
    operating_ratio = Number(help_text="Hashrate over deployed.")
    power_w = Number(help_text="As the machines say.")
    meter_power_w = Number(help_text="As the meters say.")
    gpus = serializers.IntegerField()
    gpus_reporting = serializers.IntegerField()
    gpu_utilisation_pct = Number()
    temp_max_c = Number()
    requests_running = Number()
    tokens_per_s = Number()
    observed_at = Instant(allow_null=True, help_text="The newest sample in these sums.")


class TotalsRecord(SumsRecord):
    """A site or a container now."""

    swept_at = Instant(allow_null=True, help_text="When it was last asked at all.")
    state = serializers.ChoiceField(State.choices)
    reason = serializers.CharField(allow_blank=True, help_text="Why the state is not ok; empty where it is.")
    since = Instant(allow_null=True)


class FleetRecord(SumsRecord):
    """Sums over the sites that report; `sites_reporting` of `sites` says how much of the whole that is."""

    sites = serializers.IntegerField()
    sites_reporting = serializers.IntegerField()
    by_site_state = Counts()


class SiteTotalsRecord(serializers.Serializer):
    """One site's totals."""

    site: Any = serializers.CharField()
    totals = TotalsRecord()


class LatestRecord(serializers.Serializer):
    """The totals of everything that you may see."""

    fleet = FleetRecord()
    sites = SiteTotalsRecord(many=True)


class ContainerRecord(serializers.ModelSerializer):
    """One box of places."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    totals = TotalsRecord(source="now", read_only=True)

    class Meta:
        model = Container
        fields = ["id", "site", "code", "kind", "rows", "columns", "totals"]
        read_only_fields = fields


class CellRecord(serializers.Serializer):
    """One place of a container. Numbers of the other kind of machine are null."""

    device_id = serializers.IntegerField()
    slot = serializers.IntegerField()
    kind = serializers.ChoiceField([(kind, kind) for kind in KINDS])
    address = serializers.IPAddressField(protocol="IPv4")
    model = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(State.choices)
    reason = serializers.CharField(allow_blank=True)
    since = Instant(allow_null=True)
    observed_at = Instant(allow_null=True)
    hashrate_ths = Number()
    board_temp_c = Number()
    chip_temp_c = Number()
    fan_rpm = Number()
    accepted = Number()
    rejected = Number()
    utilisation_pct = Number()
    memory_used_mib = Number()
    gpu_temp_c = Number()
    requests_running = Number()
    tokens_total = Number()
    gpus_reporting = Number()
    power_w = Number()
    uptime_s = Number()


class DeviceRecord(serializers.ModelSerializer):
    """One machine: its line of the site map, its state, and what it says it is."""

    site: Any = serializers.SlugRelatedField("code", read_only=True)
    container: Any = serializers.SlugRelatedField("code", read_only=True)
    container_id = serializers.IntegerField()
    address = serializers.IPAddressField(protocol="IPv4")
    model = serializers.CharField(help_text="As the site map says; empty where it says nothing.")
    nameplate_ths = Number()
    nameplate_w = Number()
    state = serializers.ChoiceField(State.choices, source="stands.state")
    reason = serializers.CharField(source="stands.reason", help_text="Why the state is not ok; empty where it is.")
    since = Instant(source="stands.since", allow_null=True, help_text="Since when the state holds.")
    vendor = serializers.CharField(source="known.vendor")
    model_reported = serializers.CharField(source="known.model_reported", help_text="As the machine says.")
    firmware = serializers.CharField(source="known.firmware")
    mac = serializers.CharField(source="known.mac")
    serial = serializers.CharField(source="known.serial")

    class Meta:
        model = Device
        fields = [
            "id", "site", "container", "container_id", "slot", "address", "port", "language", "model", "is_gpu", "gpus",
            "nameplate_ths", "nameplate_w", "state", "reason", "since", "vendor", "model_reported", "firmware", "mac",
            "serial",
        ]  # fmt: skip
        read_only_fields = fields


@extend_schema_field({})
class Anything(serializers.Field):
    """A value as the machine gave it: a number, a word, a list of boards, pools or GPUs."""

    def to_representation(self, value: Any) -> Any:
        return value


class FieldRecord(serializers.Serializer):
    """One value, who says so, and how old it is."""

    value = Anything()
    source = serializers.CharField(help_text="machine, nameplate")  # type: ignore[assignment]
    observed_at = Instant(allow_null=True)
    age_s = Number(min_value=0)


class ReadingRecord(serializers.Serializer):
    """Everything that is known of one machine."""

    device = serializers.IntegerField()
    kind = serializers.ChoiceField([(kind, kind) for kind in KINDS])
    state = serializers.ChoiceField(State.choices)
    reason = serializers.CharField(allow_blank=True)
    since = Instant(allow_null=True)
    observed_at = Instant(allow_null=True, help_text="The newest sample.")
    reading_at = Instant(allow_null=True, help_text="The last time it told all it can.")
    fields = serializers.DictField(child=FieldRecord())  # type: ignore[assignment]
