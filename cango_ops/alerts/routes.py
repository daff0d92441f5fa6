"""The ways by which a person is told, made and ended by that person."""

import base64
import secrets
from typing import Final

from django.conf import settings
from django.db import transaction

from cango_ops.alerts.message import SECRET_PREFIX
from cango_ops.alerts.models import AlertRoute
from cango_ops.alerts.reach import NotAllowed, checked
from cango_ops.alerts.refusal import Refused
from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.base.sealed import seal, unseal

MOST_OF_A_PERSON: Final = 10
LONGEST_WAIT_S: Final = 86_400


def add_mail(user: User, least: str, after_s: int, site_id: int | None = None) -> AlertRoute:
    """To the person's own address. Raises Refused."""
    return added(AlertRoute(user=user, channel="email", least=least, after_s=after_s, site_id=site_id))


def add_webhook(user: User, url: str, least: str, after_s: int, site_id: int | None = None) -> tuple[AlertRoute, str]:
    """The route, and its secret, which is shown once. Raises Refused."""
    try:
        checked(url, settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS)
    except NotAllowed as why:
        raise Refused(str(why)) from None
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    route = AlertRoute(user=user, channel="webhook", url=url, least=least, after_s=after_s, site_id=site_id)
    route.secret = seal(secret, row_of(route))
    return added(route), secret


def added(route: AlertRoute) -> AlertRoute:
    if not 0 <= route.after_s <= LONGEST_WAIT_S:
        raise Refused("it waits a day at most")
    with transaction.atomic():
        # The person's row is locked, so that two requests at once do not go past the limit together.
        User.objects.select_for_update().get(pk=route.user_id)
        if AlertRoute.objects.filter(user=route.user).count() >= MOST_OF_A_PERSON:
            raise Refused(f"there are {MOST_OF_A_PERSON} ways already")
        route.save(force_insert=True)
        told: dict[str, object] = {
            "channel": route.channel,
            "url": route.url,
            "least": route.least,
            "after_s": route.after_s,
        }
        audit.record(route.user, "alert_route.added", f"user/{route.user_id}", told)
    return route


def remove(route: AlertRoute, actor: User) -> None:
    with transaction.atomic():
        told: dict[str, object] = {"channel": route.channel, "url": route.url}
        AlertRoute.objects.filter(pk=route.pk).delete()
        audit.record(actor, "alert_route.removed", f"user/{route.user_id}", told)


def opened(route: AlertRoute) -> str:
    """The secret that signs. Raises CannotOpen."""
    assert route.secret is not None
    return unseal(route.secret, row_of(route))


def row_of(route: AlertRoute) -> str:
    return f"alert_route/{route.user_id}/{route.url}"
