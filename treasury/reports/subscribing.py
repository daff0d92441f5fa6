"""Who is told when a report is published: mailboxes, and programs at addresses that the installation allows."""

import base64
import secrets
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from cango_ops.alerts.message import SECRET_PREFIX
from cango_ops.alerts.reach import NotAllowed, checked
from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.sealed import seal, unseal
from cango_ops.base.transitions import move
from sites import rights
from treasury.closing.close import Refused, need
from treasury.models import Subscriber
from treasury.reports.words import LANGUAGES

MOST: Final = 500


def add_mail(email: str, language: str, user: User) -> Subscriber:
    """Raises Refused."""
    try:
        validate_email(email)
    except ValidationError as why:
        raise Refused("it is no address such as name@example.com") from why
    return added(Subscriber(channel=Subscriber.Channel.EMAIL, email=email.lower(), language=language), user)


def add_webhook(url: str, language: str, user: User) -> tuple[Subscriber, str]:
    """The subscriber, and the secret that signs, which is shown once. Raises Refused."""
    try:
        checked(url, settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS)
    except NotAllowed as why:
        raise Refused(str(why)) from why
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    row = Subscriber(channel=Subscriber.Channel.WEBHOOK, url=url, language=language)
    row.secret = seal(secret, sealed_for(row))
    return added(row, user), secret


@transaction.atomic
def added(row: Subscriber, user: User) -> Subscriber:
    need(user, rights.WRITE_REPORTS)
    if row.language not in LANGUAGES:
        raise Refused(f"there is no {row.language}: one of {', '.join(LANGUAGES)}")
    if len(row.url) > 300 or Subscriber.objects.filter(ended_at=None).count() >= MOST:
        raise Refused(f"there are {MOST} subscribers already" if len(row.url) <= 300 else "the address is too long")
    row.added_at, row.added_by, row.added_by_id = clock.database_now(), user.email, user.pk
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as why:
        raise Refused(f"{row} is told already") from why
    audit.record(user, "add subscriber", f"subscriber/{row.pk}", {"channel": row.channel, "address": str(row)})
    return row


@transaction.atomic
def end(row: Subscriber, user: User) -> None:
    """Who is not told any more stays on record. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    if not move(row, "ended_at", None, clock.database_now(), ended_by=user.email):
        raise Refused("it was ended already")
    audit.record(user, "end subscriber", f"subscriber/{row.pk}", {"address": str(row)})


def opened(row: Subscriber) -> str:
    """The secret that signs. Raises CannotOpen."""
    assert row.secret is not None
    return unseal(row.secret, sealed_for(row))


def sealed_for(row: Subscriber) -> str:
    return f"subscriber/{row.url}"
