"""What the list of people and the page of one person show to somebody who administers within a reach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.figures import counted
from cango_ops.base.models import User
from sites import people, rights
from sites.models import Membership, Role
from sites.password_links import HOLDS
from sites.people import Place, Reach
from sites.web.people.forms import PersonForm, RoleForm

HERE: Final = Crumb("People", "/people/")
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
OF_ITSELF: Final = "Your own admin right is taken by another admin."
THE_LAST: Final = "The last role stays: give another first, or deactivate."


@dataclass(frozen=True)
class HeldRole:
    """why_kept: why it is not taken here; empty where it can be."""

    pk: int
    role: str
    place: str
    why_kept: str = ""


@dataclass(frozen=True)
class Row:
    """One person, and of the roles those inside the reader's reach."""

    pk: int
    name: str
    email: str
    roles: tuple[HeldRole, ...]
    last_sign_in_at: datetime | None
    has_second_factor: bool
    is_active: bool


@dataclass(frozen=True)
class PeoplePage:
    """known: who is here already by the address in the form.   link: of the person just added, this once."""

    title: str
    rows: tuple[Row, ...]
    form: PersonForm
    known: User | None = None
    link: str = ""
    link_days: int = HOLDS.days
    crumbs: tuple[Crumb, ...] = (COMPANY, HERE)


@dataclass(frozen=True)
class PersonPage:
    """may_end: the reader may deactivate, let in and invite.   link: just made, shown this once."""

    title: str
    row: Row
    form: RoleForm
    crumbs: tuple[Crumb, ...]
    is_self: bool
    may_end: bool
    link: str = ""
    link_days: int = HOLDS.days


def people_page(reach: Reach, form: PersonForm, known: User | None = None, link: str = "") -> PeoplePage:
    rows = tuple(row_of(one) for one in listed(reach).order_by("-is_active", "first_name", "last_name", "email"))
    return PeoplePage(title_of(rows), rows, form, known, link)


def title_of(rows: tuple[Row, ...]) -> str:
    let_in = [row for row in rows if row.is_active]
    bare = sum(not row.has_second_factor for row in let_in)
    people_of = "1 person" if len(let_in) == 1 else f"{len(let_in)} people"
    return f"{people_of} may sign in, {bare or 'none'} without a second factor"


def person_page(actor: User, reach: Reach, person: User, form: RoleForm, link: str = "") -> PersonPage:
    row = row_of(listed(reach).get(pk=person.pk), actor, person.memberships.count())
    is_self, is_whole = person == actor, people.is_whole_in(reach, person)
    crumbs = (COMPANY, HERE, Crumb(row.name, f"/people/{row.pk}/"))
    return PersonPage(heading(row), row, form, crumbs, is_self, is_whole and not is_self, link)


def heading(row: Row) -> str:
    held = f"holds {counted(len(row.roles), 'role')}" if row.is_active else "is deactivated"
    return f"{row.name} {held}"


def listed(reach: Reach) -> QuerySet[User]:
    """Each with `roles` and `has_second_factor`, in two statements however many they are."""
    inside = Membership.objects.filter(reach.inside()).select_related("operator", "site").order_by("pk")
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    held = Prefetch("memberships", inside, to_attr="roles")
    return people.seen_in(reach).prefetch_related(held).annotate(has_second_factor=Exists(factors))


def row_of(person: User, actor: User | None = None, roles_in_all: int = 0) -> Row:
    """actor, roles_in_all: given where roles may be taken."""
    roles = tuple(
        HeldRole(
            one.pk, Role(one.role).label, str(Place(one.operator, one.site)),
            why_kept(one, actor == person, roles_in_all),
        )
        for one in person.roles  # type: ignore[attr-defined]  # of `listed`
    )  # fmt: skip
    return Row(
        person.pk, str(person), person.email, roles, person.last_login,
        person.has_second_factor, person.is_active,  # type: ignore[attr-defined]
    )  # fmt: skip


def why_kept(held: Membership, is_own: bool, roles_in_all: int) -> str:
    if is_own and rights.ADMINISTER in rights.RIGHTS[held.role]:
        return OF_ITSELF
    return THE_LAST if roles_in_all == 1 else ""
