"""Logins of machines: kept sealed, opened for those who talk to machines, and for nobody else.

A login of one machine comes before that of its language at the site. A secret goes in and never comes out again but as
a `Login` in the process that signs in with it: no page, answer, log or record of deeds holds it.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

import msgspec
from django.db import transaction
from django.utils import timezone

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.base.sealed import CannotOpen, Sealed, seal, sealed_anew, unseal
from compute.models import Credential, Device
from compute.protocols import KNOW_A_LOGIN
from compute.protocols.signing import Login
from sites.models import Site

LONGEST = 256


class CredentialRefused(ValueError):
    """Says which word is wrong, and never repeats it."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter = parameter


def keep(actor: User | str, site: Site, language: str, login: Login, device: Device | None = None) -> Credential:
    """Sets the login of the language's machines at the site, or of one machine. Raises CredentialRefused."""
    check(site, language, login, device)
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)  # two who set it at once do it in turn
        standing = Credential.objects.filter(site=site, language=language, device=device).first()
        credential = standing or Credential(id=uuid.uuid4(), site=site, language=language, device=device)
        if device is not None:  # of another language, from before the machine was swapped
            device.credentials.exclude(pk=credential.pk).delete()
        credential.secret = seal(msgspec.json.encode(login).decode(), credential.row)
        credential.set_at = timezone.now()
        credential.set_by = actor.email if isinstance(actor, User) else actor
        credential.save()
        audit.record(actor, "set_login", f"site/{site.code}", what(credential))
    return credential


def check(site: Site, language: str, login: Login, device: Device | None) -> None:
    if language not in KNOW_A_LOGIN:
        raise CredentialRefused("language", "Machines of this language know no sign-in.")
    if device is not None and (device.site_id, device.language) != (site.pk, language):
        raise CredentialRefused("machine", "No machine of this language stands there.")
    if not login.password and not login.token:
        raise CredentialRefused("password", "Give a password or a token.")
    for name in login.__struct_fields__:
        word = getattr(login, name)
        if len(word) > LONGEST or not all(letter.isprintable() for letter in word):
            raise CredentialRefused(name, f"At most {LONGEST} printable characters.")


def remove(actor: User | str, site: Site, credential_id: uuid.UUID) -> bool:
    """False where the site has no such login."""
    with transaction.atomic():
        credential = Credential.objects.select_for_update(of=("self",)).filter(site=site, pk=credential_id).first()
        if credential is None:
            return False
        credential.delete()
        audit.record(actor, "remove_login", f"site/{site.code}", what(credential))
    return True


def what(credential: Credential) -> dict[str, object]:
    """Which login, and nothing of it."""
    return {"language": credential.language, "machine": str(credential.device) if credential.device else None}


@dataclass
class Logins:
    """Those of some sites, open. locked: how many could not be opened."""

    of_language: dict[tuple[int, str], Login] = field(default_factory=dict)
    of_device: dict[int, tuple[str, Login]] = field(default_factory=dict)
    locked: int = 0

    def of(self, device_id: int, site_id: int, language: str) -> Login | None:
        """A machine's own login, unless another language is spoken there by now; else that of its language."""
        own_language, own = self.of_device.get(device_id, ("", None))
        return own if own is not None and own_language == language else self.of_language.get((site_id, language))


def logins(site_ids: Collection[int]) -> Logins:
    """The logins of these sites. One that cannot be opened is left out and counted."""
    found = Logins()
    for credential in Credential.objects.filter(site__in=site_ids):
        try:
            login = opened(credential)
        except CannotOpen:
            found.locked += 1
            continue
        if credential.device_id:
            found.of_device[credential.device_id] = (credential.language, login)
        else:
            found.of_language[credential.site_id, credential.language] = login
    return found


def login_of(device: Device) -> Login | None:
    """What to sign in with at this machine; None where nothing was set. Raises CannotOpen."""
    mine = Credential.objects.filter(site=device.site_id, language=device.language)
    credential = mine.filter(device=device).first() or mine.filter(device=None).first()
    return opened(credential) if credential else None


def opened(credential: Credential) -> Login:
    """Raises CannotOpen."""
    text = unseal(credential.secret, credential.row)
    try:
        return msgspec.json.decode(text, type=Login)
    except msgspec.DecodeError:
        raise CannotOpen("it holds no login") from None


@dataclass(frozen=True)
class Rotated:
    """changed: sealed under the newest key now.   locked: those that no key opens, in words."""

    changed: int
    locked: tuple[str, ...]


def rotate() -> Rotated:
    """Seals every login anew under the newest key; one that is set meanwhile is left as it is."""
    changed, locked = 0, []
    for credential in Credential.objects.select_related("site").order_by("site__code", "language"):
        try:
            fresh = sealed_anew(credential.secret)
        except CannotOpen as why:
            locked.append(f"{credential.site.code} {credential.language}: {why}")
            continue
        changed += replaced(credential, credential.secret, fresh)
    audit.record("rotate_credentials", "rotate_logins", "credentials", {"changed": changed, "locked": len(locked)})
    return Rotated(changed, tuple(locked))


def replaced(credential: Credential, old: Sealed, new: Sealed) -> int:
    return Credential.objects.filter(pk=credential.pk, secret=old).update(secret=new)
