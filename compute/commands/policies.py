"""The policy that holds for a person, or the console, at a site; and setting it, on record."""

from dataclasses import asdict

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from compute.commands.policy import DEFAULTS, REQUESTERS, Limits
from compute.commands.refusal import Refused
from compute.models import CommandPolicy
from sites import rights
from sites.models import Membership, Site

CONSOLE = "console"


def requester_of(site: Site, actor: User | None) -> str:
    """The strongest role of the person at the site, among those that may ask; "console" for nobody."""
    if actor is None:
        return CONSOLE
    held = list(Membership.objects.filter(user=actor).values_list("role", "operator_id", "site_id"))
    here = {role for role, operator, place in held if rights.granted([(role, operator, place)], site)}
    return next((role for role in REQUESTERS if role in here), REQUESTERS[-1])


def limits_of(site: Site, actor: User | None) -> Limits:
    requester = requester_of(site, actor)
    return of_site(site).get(requester, DEFAULTS[requester])


def of_site(site: Site) -> dict[str, Limits]:
    """What was set, by requester."""
    return {
        row.requester: Limits(row.mode, row.max_kw, row.max_hours, row.max_usd, row.two_person_above_kw)
        for row in CommandPolicy.objects.filter(site=site)
    }


def set_policy(site: Site, requester: str, limits: Limits, actor: User) -> None:
    """Of requests from now on; orders that were ruled on keep their ruling. Raises Refused."""
    if not rights.may(actor, rights.ADMINISTER, site):
        raise Refused("your role at this site does not allow setting the policy", is_right=True)
    with transaction.atomic():
        CommandPolicy.objects.update_or_create(site=site, requester=requester, defaults=asdict(limits))
        audit.record(actor, "policy.set", f"site/{site.code}", {"requester": requester, **asdict(limits)})
