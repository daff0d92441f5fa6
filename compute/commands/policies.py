"""The policy that holds for a person, or the console, at a site."""

from cango_ops.base.models import User
from compute.commands.policy import DEFAULTS, REQUESTERS, Limits
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
    row = CommandPolicy.objects.filter(site=site, requester=requester).first()
    if row is None:
        return DEFAULTS[requester]
    return Limits(row.mode, row.max_kw, row.max_hours, row.max_usd, row.two_person_above_kw)
