"""The endpoint of people: what /people/ shows, to the same admins. To change it takes a person at the page."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework import exceptions, generics, serializers

from cango_ops.base.answers import Answers, Instant, person
from cango_ops.base.keyset import Keyset
from cango_ops.base.models import User
from sites import people
from sites.models import Membership, Role
from sites.web.people.page import listed


class RoleRecord(serializers.ModelSerializer[Membership]):
    """A role and where it holds: at the site, at the operator's sites, or with neither at every site."""

    role = serializers.ChoiceField(Role.choices)
    operator = serializers.CharField(source="operator.code", default=None, allow_null=True)
    site = serializers.CharField(source="site.code", default=None, allow_null=True)

    class Meta:
        model = Membership
        fields = ["role", "operator", "site"]
        read_only_fields = fields


class PersonRecord(serializers.ModelSerializer[User]):
    """One person, and of the roles those where you administer."""

    name = serializers.CharField(source="get_full_name")
    roles = RoleRecord(many=True)
    last_sign_in_at = Instant(source="last_login", allow_null=True)
    has_second_factor = serializers.BooleanField()

    class Meta:
        model = User
        fields = ["id", "email", "name", "is_active", "last_sign_in_at", "has_second_factor", "roles"]
        read_only_fields = fields


class People(Answers, generics.ListAPIView[User]):
    """The people who hold a role where you administer. No token administers: this takes a person's session."""

    queryset = User.objects.none()
    serializer_class = PersonRecord
    pagination_class = Keyset
    orderings = {"id": "pk", "email": "email"}

    def get_queryset(self) -> QuerySet[User]:
        reach = people.reach_of(person(self.request))
        if not reach:
            raise exceptions.PermissionDenied("People are listed to admins, and to no token.")
        return listed(reach)


urlpatterns: list[Any] = [path("people/", People.as_view(), name="api-people")]
