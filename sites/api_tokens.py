"""Keys of programs: issued, found and revoked here and nowhere else.

A key is `cango_<prefix>_<secret>`: the beginning is for people and secret scanners, the secret has 256 random bits.
Only its SHA-512 stands in the database; a slow hash would add nothing to 256 bits that nobody chose.
"""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, Q, QuerySet

from cango_ops.base import audit
from cango_ops.base.models import User
from sites.models import ApiToken, Site

LONGEST: Final = timedelta(days=365)
MOST_TOKENS: Final = 50
USE_NOTED_EVERY: Final = timedelta(minutes=1)
KEY: Final = re.compile(r"cango_([0-9A-Za-z]{12})_([0-9A-Za-z_-]{43})", re.ASCII)


class TokenRefused(ValueError):
    """A token that may not be issued. parameter: what was wrong; the text says why."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter = parameter


@dataclass(frozen=True)
class Issued:
    """A new token with its key, which nobody can be shown a second time."""

    token: ApiToken
    key: str


def digest_of(key: str) -> str:
    return hashlib.sha512(key.encode()).hexdigest()


def issue(
    user: User, *, name: str, scopes: Iterable[str], sites: Iterable[Site] | None, expires_at: datetime, now: datetime
) -> Issued:
    """Makes a token of the user. sites: those it is limited to, or None for whatever its owner sees.

    The name is the sender's own id of the request: a second live token of that name is refused, so that a repeated
    request makes nothing twice. Raises TokenRefused.
    """
    wanted = sorted(set(scopes))
    limited_to = None if sites is None else list(sites)
    check(user, wanted, limited_to, expires_at, now)
    prefix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
    key = f"cango_{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = insert(user, name, wanted, limited_to, expires_at, prefix, key)
        audit.record(user, "issue", f"token/{prefix}", {"name": name, "scopes": wanted, "expires_at": expires_at})
    return Issued(token, key)


def check(user: User, scopes: list[str], sites: list[Site] | None, expires_at: datetime, now: datetime) -> None:
    if not scopes or not set(scopes) <= set(ApiToken.Scope.values):
        raise TokenRefused("scopes", f"Name at least one of {', '.join(ApiToken.Scope.values)}.")
    if sites is not None and not sites:
        raise TokenRefused("sites", "Name at least one site, or ask for all of yours.")
    if sites and Site.objects.visible_to(user).filter(pk__in=[site.pk for site in sites]).count() < len(set(sites)):
        raise TokenRefused("sites", "Name sites of yours.")
    if not now < expires_at <= now + LONGEST:
        raise TokenRefused("expires_at", f"A token lasts from now up to {LONGEST.days} days.")


def insert(
    user: User, name: str, scopes: list[str], sites: list[Site] | None, expires_at: datetime, prefix: str, key: str
) -> ApiToken:
    User.objects.select_for_update().get(pk=user.pk)  # two requests at once cannot both pass the count
    if ApiToken.objects.filter(user=user, revoked_at=None).count() >= MOST_TOKENS:
        raise TokenRefused("name", f"You hold {MOST_TOKENS} tokens already; revoke one first.")
    try:
        token = ApiToken.objects.create(
            user=user, name=name, prefix=prefix, digest=digest_of(key), scopes=scopes, expires_at=expires_at,
            all_sites=sites is None,
        )  # fmt: skip
    except IntegrityError as error:
        raise TokenRefused("name", "You hold a token of this name already; revoke it first.") from error
    token.sites.set(sites or [])
    return token


def owned_by(user: User) -> QuerySet[ApiToken]:
    """The user's tokens that were not revoked, with those of their sites that the user still sees."""
    seen = Prefetch("sites", Site.objects.visible_to(user))
    return ApiToken.objects.filter(user=user, revoked_at=None).prefetch_related(seen)


def revoke(user: User, prefix: str, now: datetime) -> bool:
    """Ends a token of the user; its next request is refused. False where the user holds no such live token."""
    with transaction.atomic():
        live = ApiToken.objects.filter(user=user, prefix=prefix, revoked_at=None)
        if live.update(revoked_at=now) != 1:
            return False
        audit.record(user, "revoke", f"token/{prefix}")
    return True


def find(key: str) -> ApiToken | None:
    """The token that the key belongs to, revoked and expired ones included, or None for a key that is not ours."""
    shape = KEY.fullmatch(key)
    if shape is None:
        return None
    token = ApiToken.objects.select_related("user").filter(prefix=shape[1]).first()
    if token is None or not hmac.compare_digest(token.digest, digest_of(key)):
        return None
    return token


def note_use(token: ApiToken, now: datetime) -> None:
    """Writes that the token was used, once a minute at most."""
    before = now - USE_NOTED_EVERY
    if token.last_used_at is None or token.last_used_at < before:
        ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=before), pk=token.pk).update(last_used_at=now)
