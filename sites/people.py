"""People of the console: added, given roles, sent away and let in again, here and nowhere else.

Who administers somewhere manages the roles inside that reach, and the people all of whose roles lie inside it. Each
deed locks its actor and its person and reads the actor's rights again under the lock. So two admins who end each other
at the same time do it one after the other: the second is no admin any more, and one is always left.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from sites import rights
from sites.models import ApiToken, Membership, Operator, Role, Site

LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100


class PeopleRefused(ValueError):
    """A deed that may not be. parameter: what was wrong; the text says why, in one sentence."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter = parameter


class IsHere(PeopleRefused):
    """Somebody signs in by this address already."""

    def __init__(self, person: User) -> None:
        super().__init__("email", f"{person.email} is here already.")
        self.person = person


@dataclass(frozen=True)
class Place:
    """Where a role holds: at one site, at all sites of one operator, or (neither named) at every site."""

    operator: Operator | None = None
    site: Site | None = None

    def __str__(self) -> str:
        return self.site.code if self.site else self.operator.name if self.operator else "every site"


@dataclass(frozen=True)
class Reach:
    """Where somebody administers: everywhere, or the sites of these operators and these sites, by id."""

    is_everywhere: bool
    operators: frozenset[int] = frozenset()
    sites: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.is_everywhere or bool(self.operators or self.sites)

    def inside(self) -> Q:
        """The condition on Membership: the role holds nowhere else."""
        if self.is_everywhere:
            return Q()
        in_operator = Q(operator__in=self.operators) | Q(site__operator__in=self.operators)
        return in_operator | Q(site__in=self.sites)

    def covers(self, place: Place) -> bool:
        if self.is_everywhere:
            return True
        operator_id = place.site.operator_id if place.site else place.operator.pk if place.operator else None
        return operator_id in self.operators or (place.site is not None and place.site.pk in self.sites)


EVERYWHERE: Final = Reach(is_everywhere=True)


def reach_of(actor: User) -> Reach:
    """Where the person administers. A token never does."""
    if not actor.is_active or actor.token_rights is not None:
        return Reach(is_everywhere=False)
    held = actor.memberships.filter(role__in=rights.roles_with(rights.ADMINISTER))
    rows = list(held.values_list("operator_id", "site_id"))
    return Reach(
        (None, None) in rows,
        frozenset(operator for operator, _ in rows if operator is not None),
        frozenset(site for _, site in rows if site is not None),
    )


def seen_in(reach: Reach) -> QuerySet[User]:
    """The people who hold a role inside the reach; to who administers everywhere, all."""
    if reach.is_everywhere:
        return User.objects.all()
    return User.objects.filter(pk__in=Membership.objects.filter(reach.inside()).values("user"))


def is_whole_in(reach: Reach, person: User) -> bool:
    """True where all that the person may do lies inside the reach."""
    return reach.is_everywhere or not person.memberships.exclude(reach.inside()).exists()


def find(email: str) -> User | None:
    """Who signs in by this address, however it is spelt."""
    plain = email.lower()  # the database may know capitals of ASCII alone
    proven = Q(emailaddress__email__iexact=plain, emailaddress__verified=True)
    return User.objects.filter(Q(email__iexact=plain) | proven).order_by("pk").first()


@transaction.atomic
def add(actor: User | str, email: str, name: str, role: str, place: Place) -> User:
    """A new person with one role and no password yet. Raises IsHere and PeopleRefused."""
    reach = reach_of(locked(actor)[actor.pk]) if isinstance(actor, User) else EVERYWHERE
    check_place(reach, place)
    refuse_known(reach, email)
    try:
        with transaction.atomic():
            person = written(email.lower(), name)
    except IntegrityError:  # somebody added the same address in this moment
        refuse_known(reach, email)
        raise
    Membership.objects.create(user=person, role=role, operator=place.operator, site=place.site)
    audit.record(actor, "person.added", target_of(person), {"email": person.email, "name": name} | told(role, place))
    return person


def refuse_known(reach: Reach, email: str) -> None:
    known = find(email)
    if known is None:
        return
    if seen_in(reach).filter(pk=known.pk).exists():
        raise IsHere(known)
    raise PeopleRefused("email", "This address belongs to somebody whom an admin of the company manages.")


def written(email: str, name: str) -> User:
    """The username says nothing: people sign in by e-mail, and an e-mail may change."""
    person = User.objects.create_user(username=secrets.token_hex(16), email=email, password=None, first_name=name)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person


@transaction.atomic
def give(actor: User | str, person: User, role: str, place: Place) -> None:
    """Raises PeopleRefused where the person holds it, or it is not the actor's to give."""
    reach, person = taken_up(actor, person)
    check_place(reach, place)
    _, is_new = Membership.objects.get_or_create(user=person, role=role, operator=place.operator, site=place.site)
    if not is_new:
        raise PeopleRefused("role", f"{person} is {Role(role).label.lower()} at {place} already.")
    audit.record(actor, "role.given", target_of(person), told(role, place))


@transaction.atomic
def take(actor: User, person: User, membership_id: int) -> Membership:
    """The role that is no more. Raises PeopleRefused."""
    reach, person = taken_up(actor, person)
    held = person.memberships.filter(reach.inside(), pk=membership_id).select_related("operator", "site").first()
    if held is None:
        raise PeopleRefused("role", f"{person} does not hold that role any more; nothing was changed.")
    if person == actor and rights.ADMINISTER in rights.RIGHTS[held.role]:
        raise PeopleRefused("role", "Your own admin right is taken by another admin, never by yourself.")
    if person.memberships.count() == 1:
        raise PeopleRefused("role", f"It is the last role of {person}: give another one first, or deactivate them.")
    held.delete()
    audit.record(actor, "role.taken", target_of(person), told(held.role, Place(held.operator, held.site)))
    return held


@transaction.atomic
def deactivate(actor: User, person: User) -> None:
    """Ends sign-in, sessions, tokens and links at once, and for good: who is let in again sets a new password."""
    reach, person = taken_up(actor, person)
    if person == actor:
        raise PeopleRefused("person", "You are deactivated by another admin, never by yourself.")
    check_whole(reach, person)
    if not person.is_active:
        raise PeopleRefused("person", f"{person} was deactivated already.")
    person.is_active = False
    person.set_unusable_password()  # new each time, so that no session and no link fits it any more
    person.save(update_fields=["is_active", "password"])
    ended = ApiToken.objects.filter(user=person, revoked_at=None).update(revoked_at=clock.now())
    audit.record(actor, "person.deactivated", target_of(person), {"email": person.email, "tokens": ended})


@transaction.atomic
def reactivate(actor: User, person: User) -> None:
    reach, person = taken_up(actor, person)
    check_whole(reach, person)
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True) != 1:
        raise PeopleRefused("person", f"{person} was let in again already.")
    audit.record(actor, "person.reactivated", target_of(person), {"email": person.email})


@transaction.atomic
def invite(actor: User | str, person: User) -> None:
    """Writes down that the person gets a link to set a password. Raises PeopleRefused."""
    reach, person = taken_up(actor, person)
    check_whole(reach, person)
    if not person.is_active:
        raise PeopleRefused("person", f"{person} is deactivated; let them in first.")
    audit.record(actor, "person.invited", target_of(person), {"email": person.email})


def taken_up(actor: User | str, person: User) -> tuple[Reach, User]:
    """The reach of the actor and the person, both as they are now, until the transaction ends."""
    if isinstance(actor, str):
        return EVERYWHERE, locked(person)[person.pk]
    now = locked(actor, person)
    reach, person = reach_of(now[actor.pk]), now[person.pk]
    if not seen_in(reach).filter(pk=person.pk).exists():
        raise PeopleRefused("person", "You do not manage this person any more; nothing was changed.")
    return reach, person


def locked(*people: User) -> dict[int, User]:
    """Their rows by id, locked in one order; a row that something else points to may still be pointed to."""
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in people]).order_by("pk")
    return {row.pk: row for row in rows}


def check_place(reach: Reach, place: Place) -> None:
    if not reach.covers(place):
        raise PeopleRefused("reach", f"You do not administer {place}.")


def check_whole(reach: Reach, person: User) -> None:
    if not is_whole_in(reach, person):
        raise PeopleRefused("person", f"{person} holds roles elsewhere, too: that takes an admin of the company.")


def told(role: str, place: Place) -> dict[str, object]:
    return {"role": role, "at": str(place)}


def target_of(person: User) -> str:
    return f"user/{person.pk}"
