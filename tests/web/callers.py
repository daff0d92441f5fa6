"""Who asks the API in the tests, and how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from cango_ops.base.models import User
from sites import api_tokens
from sites.models import ApiToken, Site
from tests.worlds import PASSWORD, World


def key_of(user: User, *, sites: list[Site] | None = None, scopes: tuple[str, ...] = ("read",), name: str = "a") -> str:
    """The key of a new token of the user that lasts a day."""
    now = timezone.now()
    issued = api_tokens.issue(user, name=name, scopes=scopes, sites=sites, expires_at=now + timedelta(days=1), now=now)
    return issued.key


def key_for_foreign_sites(user: User, sites: list[Site]) -> str:
    """A key that names sites which its owner no longer sees."""
    key = key_of(user)
    token = ApiToken.objects.get(user=user)
    token.sites.set(sites)
    ApiToken.objects.update(all_sites=False)
    return key


def by_key(key: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {key}"})


def by_session(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def by_sure_session(user: User) -> Client:
    """Somebody who has just given the password again."""
    client = by_session(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def expired(user: User) -> Client:
    client = by_key(key_of(user))
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return client


def revoked(user: User) -> Client:
    client = by_key(key_of(user))
    ApiToken.objects.update(revoked_at=timezone.now())
    return client


def dismissed(user: User) -> Client:
    client = by_key(key_of(user))
    User.objects.filter(pk=user.pk).update(is_active=False)
    return client


@dataclass(frozen=True)
class Caller:
    """sites: codes that the caller may see, or None for one who is not let in at all."""

    client: Callable[[World], Client]
    sites: frozenset[str] | None


ONE = frozenset({"MUSCAT"})
ALL = frozenset({"PECOS", "MUSCAT", "GHOST"})
CALLERS = {
    "Ada": Caller(lambda world: by_session(world.ada), frozenset({"PECOS"})),
    "Bo": Caller(lambda world: by_session(world.bo), ALL),
    "Cy": Caller(lambda world: by_session(world.cy), frozenset({"GHOST"})),
    "Ada's token": Caller(lambda world: by_key(key_of(world.ada)), frozenset({"PECOS"})),
    "Bo's token": Caller(lambda world: by_key(key_of(world.bo)), ALL),
    "Cy's token": Caller(lambda world: by_key(key_of(world.cy)), frozenset({"GHOST"})),
    "Bo's token for Muscat": Caller(
        lambda world: by_key(key_of(world.bo, sites=[world.muscat])), frozenset({"MUSCAT"})
    ),
    "Cy's token for Pecos": Caller(lambda world: by_key(key_for_foreign_sites(world.cy, [world.pecos])), frozenset()),
    "nobody": Caller(lambda world: Client(), None),
    "a made-up token": Caller(lambda world: by_key(f"cango_{'a' * 12}_{'b' * 43}"), None),
    "an expired token": Caller(lambda world: expired(world.bo), None),
    "a revoked token": Caller(lambda world: revoked(world.bo), None),
    "the token of one who left": Caller(lambda world: dismissed(world.bo), None),
}
