"""The rail's entries: a row for each part of the console that exists. A new part adds its row."""

from datetime import timedelta
from typing import Final, NamedTuple

from django.db import connection
from django.http import HttpRequest

from cango_ops.base import clock
from cango_ops.base.models import User
from sites import rights
from sites.models import Site
from sites.models.places import Held
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
    Entry("People", "/people/", "people", keeps_time=False, right=rights.ADMINISTER),
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


class Look(NamedTuple):
    """What every page asks of the database, in one statement. memberships: the person's.   is_held, is_handed_over:
    whether any hold stands, any handover of the last two days is unread; whose it is, is asked where one is."""

    memberships: list[Held]
    is_held: bool = False
    is_handed_over: bool = False


# So long a handover that nobody has confirmed is shown to the next shift on other pages.
HANDOVERS_WAIT: Final = timedelta(days=2)
LOOK: Final = """
SELECT role, operator_id, site_id,
    EXISTS (SELECT FROM compute_hold WHERE lifted_at IS NULL),
    EXISTS (SELECT FROM sites_handover WHERE confirmed_by_id IS NULL AND made_at >= %s)
FROM sites_membership WHERE user_id = %s
"""


def look(request: HttpRequest) -> Look:
    """Read once a request, so of use for the rest of it only where the request changes nothing."""
    found: Look | None = getattr(request, "first_look", None)
    if found is None:
        found = looked(request.user.pk) if request.user.is_authenticated else Look([])
        request.first_look = found  # type: ignore[attr-defined]
    return found


class NoSite(NamedTuple):
    """Why there is nothing to show. is_empty: the console has no site at all.   may_add: the person may say where."""

    is_empty: bool
    may_add: bool


def no_site(request: HttpRequest) -> NoSite:
    return NoSite(not Site.objects.exists(), rights.ADMINISTER in rights_anywhere(request))


def looked(user_id: int) -> Look:
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [clock.now() - HANDOVERS_WAIT, user_id])
        rows = cursor.fetchall()
    return Look([row[:3] for row in rows], *(rows[0][3:] if rows else ()))


def held(request: HttpRequest) -> list[Held]:
    """The person's memberships; read once a request."""
    return look(request).memberships


def may_be_held(request: HttpRequest) -> bool:
    """False where no hold stands at all. Nobody without a membership sees one."""
    return look(request).is_held if request.method in ("GET", "HEAD") else True


def may_be_handed_over(request: HttpRequest) -> bool:
    """False where no handover waits to be read at all."""
    return look(request).is_handed_over if request.method in ("GET", "HEAD") else True


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
