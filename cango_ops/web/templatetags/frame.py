"""Template tags of the frame alone: theme, rail, account menu."""

from functools import cache
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from cango_ops.alerts.queries import Calling
from cango_ops.base.models import User
from cango_ops.web import navigation
from cango_ops.web.alerts.rows import calling
from cango_ops.web.handover.page import waiting_for
from cango_ops.web.saved.views import page_at
from cango_ops.web.site_tabs import Tab
from cango_ops.web.site_tabs import site_tabs as tabs_of
from cango_ops.web.theme import chosen, of_cookie
from compute.commands import queries
from compute.models import Hold
from sites import rights
from sites.models import Handover, Site

register = template.Library()

ACCOUNT: tuple[tuple[str, str], ...] = (
    ("Password", "account_change_password"),
    ("Two-factor and passkeys", "mfa_index"),
    ("Signed-in devices", "usersessions_list"),
    ("Alert messages", "alert-routes"),
    ("API tokens", "account-tokens"),
    ("API", "api-docs"),
)


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """system, dark or light: the person's, else the cookie's."""
    return chosen(context["request"]) if "request" in context else User.Theme.SYSTEM


@register.simple_tag(takes_context=True)
def theme_of_cookie(context: dict[str, Any]) -> str:
    """For pages that must not ask the database: errors and sign-in."""
    return of_cookie(context["request"]) if "request" in context else User.Theme.SYSTEM


@register.simple_tag
def themes() -> list[tuple[str, str]]:
    return [(value, str(word)) for value, word in User.Theme.choices]


@register.simple_tag(takes_context=True)
def views_page(context: dict[str, Any]) -> str:
    """The list page of which views are saved; empty on every other."""
    return page_at(context["request"].path) if "request" in context else ""


@register.simple_tag(takes_context=True)
def handovers_waiting(context: dict[str, Any]) -> list[Handover]:
    """Handovers that the person could confirm having read."""
    request = context["request"]
    is_some = isinstance(request.user, User) and navigation.may_be_handed_over(request)
    return waiting_for(request.user) if is_some else []


@register.simple_tag(takes_context=True)
def rail(context: dict[str, Any]) -> list[navigation.Shown]:
    return navigation.rail(context["request"])


@register.simple_tag
def behind_more(entries: list[navigation.Shown]) -> dict[str, Any] | None:
    """What a phone's bar has no room for; None where that is nothing."""
    hidden = [entry for entry in entries if not entry.in_bar]
    return {"entries": hidden, "is_here": any(entry.is_here for entry in hidden)} if hidden else None


@register.simple_tag(takes_context=True)
def no_site(context: dict[str, Any]) -> navigation.NoSite:
    """Why a person sees no site; asked only where that is so."""
    return navigation.no_site(context["request"])


@register.simple_tag(takes_context=True)
def site_tabs(context: dict[str, Any], site: Site) -> list[Tab]:
    """The pages of the site that the person may open."""
    return tabs_of(context["request"], site)


@register.simple_tag(takes_context=True)
def hold_button(context: dict[str, Any]) -> bool:
    """Whether the person may hold something."""
    return rights.OPERATE in navigation.rights_anywhere(context["request"])


@register.simple_tag(takes_context=True)
def holds(context: dict[str, Any]) -> list[Hold]:
    """The holds over sites that the person sees."""
    request = context["request"]
    is_some = isinstance(request.user, User) and navigation.may_be_held(request)
    return queries.holds(request.user) if is_some else []


@register.simple_tag(takes_context=True)
def alerts_calling(context: dict[str, Any]) -> Calling:
    """How many alerts call for the person."""
    return calling(context["request"])


@register.simple_tag
@cache
def account_links() -> list[tuple[str, str]]:
    """The pages of one's own account that this installation has."""
    found = []
    for name, view in ACCOUNT:
        try:
            found.append((name, reverse(view)))
        except NoReverseMatch:
            continue
    return found
