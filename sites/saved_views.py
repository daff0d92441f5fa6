"""Keeps a view under a name, shares it, takes it away; and who sees which.

A tenant is an operator: whoever has a role at it or at a site of it belongs to it, whoever has one at every site to the
company. A team are those of a tenant who hold the same role there.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from sites.models import Membership, Operator, Role, SavedView

LONGEST_NAME: Final = 60
LONGEST_QUERY: Final = 1000
MOST: Final = 200
S = SavedView.Share


class ViewRefused(ValueError):
    """Why it is not kept."""


class Team(NamedTuple):
    """Those who hold the role at the operator. role: empty for everybody of the operator."""

    operator: Operator
    role: str

    @property
    def key(self) -> str:
        return f"{self.operator.code}.{self.role}" if self.role else self.operator.code

    @property
    def name(self) -> str:
        of = f"{Role(self.role).label}s of " if self.role else "Everybody of "
        return f"{of}{self.operator.name}"


def teams(user: User) -> list[Team]:
    """With whom the person may share, tenants and teams; one query, two where the person is of the company."""
    held = Membership.objects.filter(user=user).select_related("operator", "site__operator")
    found = {}
    for one in held:
        operator = one.operator or (one.site.operator if one.site else company())
        if operator is not None:
            for team in (Team(operator, ""), Team(operator, one.role)):
                found[team.key] = team
    return [found[key] for key in sorted(found)]


def company() -> Operator | None:
    return Operator.objects.filter(is_company=True).order_by("pk").first()


def visible_to(user: User) -> QuerySet[SavedView]:
    """One's own, and those shared with a tenant or a team that one belongs to."""
    mine = Q(owner=user)
    for team in teams(user):
        mine |= Q(share=S.TEAM if team.role else S.TENANT, operator=team.operator, role=team.role)
    return SavedView.objects.filter(mine).select_related("owner", "operator")


def save(user: User, page: str, name: str, query: str, share: str = "") -> SavedView:
    """Kept under the name; what the person had there before is replaced. share: a team's key, empty: private.

    query: checked by the caller against what the page knows. Raises ViewRefused.
    """
    name = " ".join(name.split())
    team = shared_with(share, teams(user))
    if not 0 < len(name) <= LONGEST_NAME or "\x00" in name:
        raise ViewRefused(f"a view has a name of at most {LONGEST_NAME} characters")
    if len(query) > LONGEST_QUERY:
        raise ViewRefused(f"what it says is longer than {LONGEST_QUERY} characters")
    with transaction.atomic():
        # Locked, so that two windows of one person do not pass the limit together.
        User.objects.select_for_update().get(pk=user.pk)
        if SavedView.objects.filter(owner=user).count() >= MOST:
            raise ViewRefused(f"you have {MOST} views: take one away first")
        row, _ = SavedView.objects.update_or_create(
            owner=user, page=page, name=name,
            defaults={
                "query": query, "saved_at": database_now(), "operator": team.operator if team else None,
                "share": S.PRIVATE if team is None else S.TEAM if team.role else S.TENANT,
                "role": team.role if team else "",
            },
        )  # fmt: skip
        if team is not None:
            detail: dict[str, object] = {"page": page, "name": name, "query": query, "with": team.key}
            audit.record(user, "view.shared", f"view/{row.pk}", detail)
    return row


def shared_with(share: str, mine: Iterable[Team]) -> Team | None:
    if not share:
        return None
    found = next((team for team in mine if team.key == share), None)
    if found is None:
        raise ViewRefused("you may share it with teams and companies that you belong to")
    return found


def remove(user: User, view: SavedView) -> bool:
    """False where it is not the person's own, or is gone."""
    return SavedView.objects.filter(pk=view.pk, owner=user).delete()[0] == 1
