"""Keeps the insiders' list: who may know figures before their release, since when and why."""

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.closing.close import Refused, worded
from treasury.models import Insider
from treasury.models.insider import LISTED
from treasury.proposals.embargo import hold

KEEPERS: Final = (rights.WRITE_REPORTS, rights.CLOSE_MONTHS)


def may_keep(user: User) -> bool:
    """Who keeps windows and list: not barred by the list itself, so that nobody is locked out for good."""
    return any(rights.may(user, right) for right in KEEPERS)


def need_keeper(user: User) -> None:
    if not may_keep(user):
        raise Refused("you have no right to do this")


def listed() -> QuerySet[Insider]:
    return Insider.objects.filter(LISTED).select_related("user", "added_by")


def eligible() -> QuerySet[User]:
    """People whose role sees the books, and who are not on the list."""
    roles = rights.roles_with(rights.SEE_TREASURY)
    on = Q(memberships__role__in=roles, memberships__operator=None, memberships__site=None)
    return User.objects.filter(on, is_active=True).exclude(pk__in=listed().values("user")).distinct()


@transaction.atomic
def enlist(person: User, words: str, user: User) -> Insider:
    """Puts a person on the insiders' list; with the first one the list is kept. Raises Refused."""
    need_keeper(user)
    if person.pk == user.pk:
        raise Refused("nobody puts himself on the list")
    hold(exclusive=True)
    if Insider.objects.filter(LISTED, user=person).exists():
        raise Refused(f"{person} is on the list")
    row = Insider.objects.create(user=person, why=worded(words), added_by=user, added_at=clock.database_now())
    audit.record(user, "add insider", f"insider/{row.pk}", {"who": person.email, "why": row.why})
    return row


@transaction.atomic
def delist(row: Insider, words: str, user: User) -> None:
    """Takes a person off the list; windows that began before bind on. Raises Refused."""
    need_keeper(user)
    why = worded(words)
    hold(exclusive=True)  # else two people at once take the last two off
    if not Insider.objects.filter(LISTED).exclude(pk=row.pk).exists():
        raise Refused("the last one stays: without a list everybody with the right would see")
    if not move(row, "ended_at", None, clock.database_now(), ended_by=user, ended_why=why):
        raise Refused("the person is off the list already")
    audit.record(user, "remove insider", f"insider/{row.pk}", {"who": row.user.email, "why": why})
