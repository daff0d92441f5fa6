"""The rail's entries: a row for each part of the console that exists. A new part adds its row."""

from typing import Final, NamedTuple

from django.http import HttpRequest

from cango_ops.base.models import User
from sites import rights
from sites.models import Membership, Site
from treasury.models.insider import is_admitted


class Entry(NamedTuple):
    """keeps_time: the time control's choice travels with the link. right: what one must hold anywhere to see it."""

    name: str
    url: str
    icon: str
    keeps_time: bool = True
    right: str | None = None


class Shown(NamedTuple):
    """An entry for one page. current: the value of aria-current, page or true (a page below it).   in_bar: it stands
    in the bar at the foot of a phone, and not behind its "More"."""

    name: str
    url: str
    icon: str
    keeps_time: bool
    is_here: bool
    current: str
    in_bar: bool


ENTRIES: Final = (
    Entry("Overview", "/", "overview"),
    Entry("Switching", "/switching/", "switching", keeps_time=False),
    Entry("Commands", "/commands/", "commands", keeps_time=False),
    Entry("Treasury", "/treasury/", "treasury", keeps_time=False, right=rights.SEE_TREASURY),
    Entry("Months", "/treasury/reports/", "months", keeps_time=False, right=rights.SEE_TREASURY),
    Entry("Alerts", "/alerts/", "alerts", keeps_time=False),
    Entry("System", "/system/", "system", keeps_time=False, right=rights.SEE_SYSTEM),
)


# Entries in a phone's bar where none has to stand behind "More".
BAR: Final = 4


def rail(request: HttpRequest) -> list[Shown]:
    """The entries that the person may open, the one they are in marked."""
    here = request.path
    mine = rights_anywhere(request)
    inside = max((entry.url for entry in ENTRIES if covers(entry.url, here)), key=len, default="")
    entries = [entry for entry in ENTRIES if entry.right is None or entry.right in mine]
    bar = in_bar(entries, mine)
    return [
        Shown(
            entry.name, entry.url, entry.icon, entry.keeps_time, entry.url == inside, current(entry.url, here),
            entry in bar,
        )
        for entry in entries
    ]  # fmt: skip


def in_bar(entries: list[Entry], mine: frozenset[str]) -> list[Entry]:
    """What a thumb reaches at once: with Search and More they are five. Whoever keeps the books and orders no machines
    has the treasury there in place of the orders."""
    if len(entries) <= BAR:
        return entries
    third = "Treasury" if rights.SEE_TREASURY in mine and rights.OPERATE not in mine else "Commands"
    return [entry for entry in entries if entry.name in ("Overview", "Alerts", third)]


def held(request: HttpRequest) -> list[tuple[str, int | None, int | None]]:
    """The person's memberships as (role, operator, site); read once a request."""
    found: list[tuple[str, int | None, int | None]] | None = getattr(request, "memberships_held", None)
    if found is None:
        user = request.user
        rows = Membership.objects.filter(user=user) if user.is_authenticated else Membership.objects.none()
        found = list(rows.values_list("role", "operator_id", "site_id"))
        request.memberships_held = found  # type: ignore[attr-defined]
    return found


class NoSite(NamedTuple):
    """Why there is nothing to show. is_empty: the console has no site at all.   may_add: the person may say where."""

    is_empty: bool
    may_add: bool


def no_site(request: HttpRequest) -> NoSite:
    return NoSite(not Site.objects.exists(), rights.ADMINISTER in rights_anywhere(request))


def rights_anywhere(request: HttpRequest) -> frozenset[str]:
    """What the person may do at one site at least."""
    return kept_out(request, frozenset().union(*(rights.RIGHTS[role] for role, _, _ in held(request))))


def rights_everywhere(request: HttpRequest) -> frozenset[str]:
    """What the person may do at every site, which is what the company's books ask for; these besides of insiders."""
    whole = (role for role, operator, site in held(request) if operator is None and site is None)
    return kept_out(request, frozenset().union(*(rights.RIGHTS[role] for role in whole)))


def kept_out(request: HttpRequest, found: frozenset[str]) -> frozenset[str]:
    """The rights without that to see the books, where an insiders' list leaves the person out; read once a request."""
    if rights.SEE_TREASURY not in found or not isinstance(request.user, User):
        return found
    admitted: bool | None = getattr(request, "is_admitted", None)
    if admitted is None:
        admitted = request.is_admitted = is_admitted(request.user)  # type: ignore[attr-defined]
    return found if admitted else found - {rights.SEE_TREASURY}


def covers(url: str, here: str) -> bool:
    """True where the page is the entry's or below it; the drill-down of sites belongs to the overview."""
    return here == url or (url == "/" and here.startswith("/sites/")) or (url != "/" and here.startswith(url))


def current(url: str, here: str) -> str:
    return "page" if url == here else "true"
