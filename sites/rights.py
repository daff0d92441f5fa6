"""What each role may do. A right is asked for at a site; the answer comes from memberships alone."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from cango_ops.base.models import User
from sites.models import ApiToken, Membership, Operator, Role, Site

SEE: Final = "see"
OPERATE: Final = "operate"
APPROVE: Final = "approve"
CONFIGURE: Final = "configure"
CHANGE_MAP: Final = "change_map"
SEE_TREASURY: Final = "see_treasury"
CLOSE_MONTHS: Final = "close_months"
MOVE_TREASURY: Final = "move_treasury"
APPROVE_TREASURY: Final = "approve_treasury"
WRITE_REPORTS: Final = "write_reports"
APPROVE_REPORTS: Final = "approve_reports"
SEE_SYSTEM: Final = "see_system"
RECONCILE: Final = "reconcile"
ADMINISTER: Final = "administer"

RIGHTS: Final[dict[str, frozenset[str]]] = {
    Role.VIEWER: frozenset({SEE}),
    Role.OPERATOR: frozenset({SEE, OPERATE, SEE_SYSTEM}),
    Role.MANAGER: frozenset({SEE, OPERATE, APPROVE, CHANGE_MAP, CONFIGURE, SEE_SYSTEM}),
    Role.TREASURER: frozenset(
        {SEE, SEE_TREASURY, CLOSE_MONTHS, APPROVE_REPORTS, RECONCILE, MOVE_TREASURY, APPROVE_TREASURY}
    ),
    Role.INVESTOR_RELATIONS: frozenset({SEE, SEE_TREASURY, WRITE_REPORTS, APPROVE_REPORTS}),
    Role.ADMIN: frozenset(
        {
            SEE,
            OPERATE,
            APPROVE,
            CHANGE_MAP,
            CONFIGURE,
            SEE_TREASURY,
            CLOSE_MONTHS,
            APPROVE_REPORTS,
            RECONCILE,
            MOVE_TREASURY,
            APPROVE_TREASURY,
            SEE_SYSTEM,
            ADMINISTER,
        }
    ),
}

# What a token may carry at most, by scope: to approve, to set logins and addresses and to administer takes a person.
SCOPES: Final[dict[str, frozenset[str]]] = {
    ApiToken.Scope.READ: frozenset({SEE, SEE_TREASURY, SEE_SYSTEM}),
    ApiToken.Scope.WRITE: frozenset({OPERATE, CHANGE_MAP}),
}


def of_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """The rights that a token of these scopes leaves its owner."""
    return frozenset().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))


def token_allows(user: User, right: str, site: Site | None) -> bool:
    """False where the request was made with a token that leaves the right, or the site, out."""
    if user.token_rights is not None and right not in user.token_rights:
        return False
    return user.token_site_ids is None or (site is not None and site.pk in user.token_site_ids)


def roles_with(right: str) -> list[str]:
    return [role for role, rights in RIGHTS.items() if right in rights]


def may(user: User, right: str, site: Site | None = None) -> bool:
    """True where a membership of the user grants the right at the site; without a site: at every site."""
    if not user.is_authenticated or not user.is_active:
        return False
    if not token_allows(user, right, site):
        return False
    scope = Q(operator=None, site=None)
    if site is not None:
        scope |= Q(operator=site.operator_id) | Q(site=site)
    return Membership.objects.filter(scope, user=user, role__in=roles_with(right)).exists()


def may_for(user: User, right: str, operator: Operator) -> bool:
    """True where a membership of the user grants the right at every site of the operator."""
    if not user.is_authenticated or not user.is_active or not token_allows(user, right, None):
        return False
    scope = Q(operator=None, site=None) | Q(operator=operator)
    return Membership.objects.filter(scope, user=user, role__in=roles_with(right)).exists()


def at_each_site(user: User, sites: Iterable[Site]) -> dict[str, list[str]]:
    """What the user may do at each of these sites, by site code; one query however many sites."""
    roles = list(Membership.objects.filter(user=user).values_list("role", "operator_id", "site_id"))
    return {
        site.code: sorted(right for right in granted(roles, site) if token_allows(user, right, site)) for site in sites
    }


def granted(roles: Iterable[tuple[str, int | None, int | None]], site: Site) -> set[str]:
    """The rights that memberships, each (role, operator, site), give at the site."""
    rights: set[str] = set()
    for role, operator_id, site_id in roles:
        if (operator_id, site_id) == (None, None) or operator_id == site.operator_id or site_id == site.pk:
            rights |= RIGHTS[role]
    return rights
