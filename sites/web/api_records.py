"""How places, people and tokens look in the API. Explicit, field by field; a unit stands in the name."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cango_ops.base.answers import Instant
from cango_ops.base.models import User
from sites import rights
from sites.models import ApiToken, PlannedWindow, Site


class Named(serializers.Serializer):
    """A code for programs and a name for people."""

    code = serializers.CharField()
    name = serializers.CharField()


def planned(site: Site) -> PlannedWindow | None:
    """The planned outage that holds for the whole site; `windows` was prefetched as WINDOWS says."""
    holding: list[PlannedWindow] = site.holding  # type: ignore[attr-defined]
    return holding[0] if holding else None


class SiteRecord(serializers.ModelSerializer):
    """What is known of a place before any machine is asked."""

    operator = Named()
    region = Named()
    capacity_mw = serializers.FloatField(help_text="Contracted power.")
    storage_mwh = serializers.FloatField(allow_null=True)
    solar_mw = serializers.FloatField(allow_null=True)
    maintenance_until = serializers.SerializerMethodField(
        help_text="End of the planned outage that holds for all of it."
    )
    maintenance_reason = serializers.SerializerMethodField()

    @extend_schema_field(Instant(allow_null=True))
    def get_maintenance_until(self, site: Site) -> Any:
        holding = planned(site)
        return Instant().to_representation(holding.end_at) if holding else None

    def get_maintenance_reason(self, site: Site) -> str:
        holding = planned(site)
        return holding.reason if holding else ""

    class Meta:
        model = Site
        fields = [
            "code", "name", "operator", "region", "kind", "time_zone", "latitude", "longitude", "capacity_mw",
            "storage_mwh", "solar_mw", "maintenance_until", "maintenance_reason",
        ]  # fmt: skip
        read_only_fields = fields


class TokenRecord(serializers.ModelSerializer):
    """A token without its key, which is shown once and kept nowhere."""

    sites: Any = serializers.SlugRelatedField("code", many=True, read_only=True, help_text="Empty with all_sites.")
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiToken.Scope.choices))
    created_at = Instant()
    expires_at = Instant()
    last_used_at = Instant(allow_null=True)

    class Meta:
        model = ApiToken
        fields = ["prefix", "name", "scopes", "all_sites", "sites", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


class MeSite(serializers.Serializer):
    """A site and what you may do there."""

    code = serializers.CharField()
    rights = serializers.ListField(child=serializers.CharField())


class MeRecord(serializers.Serializer):
    """Who asks, with what token, and what is allowed."""

    email = serializers.EmailField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    token = TokenRecord(allow_null=True)
    sites = MeSite(many=True)


def me(user: User, token: ApiToken | None) -> dict[str, Any]:
    """The content of MeRecord."""
    allowed = rights.at_each_site(user, Site.objects.visible_to(user))
    return {
        "email": user.email,
        "name": user.get_full_name() or user.username,
        "time_zone": user.time_zone,
        "token": token,
        "sites": [{"code": code, "rights": names} for code, names in allowed.items()],
    }
