"""What the hub asks the database: is the session still good, what may its user follow, how far is each topic."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from importlib import import_module
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from cango_ops.base.models import User
from cango_ops.live import topics
from cango_ops.live.models import LiveTopic

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


class Asked(NamedTuple):
    """One connection at a re-check."""

    session_key: str
    topics: frozenset[str]


class Standing(NamedTuple):
    """user: None where the session has ended.   visible: of the topics asked, those the user may follow."""

    user: User | None
    visible: set[str]


def look_up(user: User, wanted: Collection[str]) -> dict[str, int]:
    """The numbers of those topics that the user may follow; 0 for one that nothing was published on yet."""
    visible = topics.visible(user, wanted)
    return dict.fromkeys(visible, 0) | numbers(visible)


def numbers(wanted: Collection[str]) -> dict[str, int]:
    return dict(LiveTopic.objects.filter(topic__in=wanted).values_list("topic", "seq"))


def session_user(session_key: str) -> User | None:
    """Whom the session stands for now; None once it ended, expired, or its password or account was withdrawn."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def check(asked: Iterable[Asked]) -> dict[Asked, Standing]:
    """The standing of many connections, each session and each person looked at once."""
    asked = set(asked)
    users = {key: session_user(key) for key in {one.session_key for one in asked}}
    wanted: dict[int, set[str]] = defaultdict(set)
    for one in asked:
        if user := users[one.session_key]:
            wanted[user.pk] |= one.topics
    people = {user.pk: user for user in users.values() if user}
    visible = {pk: topics.visible(people[pk], names) for pk, names in wanted.items()}
    return {one: standing(users[one.session_key], one.topics, visible) for one in asked}


def standing(user: User | None, names: frozenset[str], visible: dict[int, set[str]]) -> Standing:
    return Standing(user, set(names & visible[user.pk]) if user else set())
