"""The rail's entries: a row for each part of the console that exists. A new part adds its row."""

from typing import Final, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from cango_ops.base.models import User
from sites import rights
from sites.models import Membership


class Entry(NamedTuple):
    """keeps_time: the time control's choice travels with the link. right: what one must hold anywhere to see it."""

    name: str
    url: str
    icon: str
    keeps_time: bool = True
    right: str | None = None


class Shown(NamedTuple):
    """An entry for one page. current: the value of aria-current, page or true (a page below it)."""

    name: str
    url: str
    icon: str
    keeps_time: bool
    is_here: bool
    current: str


ENTRIES: Final = (
    Entry("Overview", "/", "overview"),
    Entry("Switching", "/switching/", "switching", keeps_time=False),
    Entry("Commands", "/commands/", "commands", keeps_time=False),
    Entry("Treasury", "/treasury/", "treasury", keeps_time=False, right=rights.SEE_TREASURY),
    Entry("Months", "/treasury/reports/", "months", keeps_time=False, right=rights.SEE_TREASURY),
    Entry("System", "/system/", "system", keeps_time=False, right=rights.SEE_SYSTEM),
)


def rail(request: HttpRequest) -> list[Shown]:
    """The entries that the person may open, the one they are in marked."""
    here = request.path
    held = held_by(request)
    inside = max((entry.url for entry in ENTRIES if covers(entry.url, here)), key=len, default="")
    return [
        Shown(entry.name, entry.url, entry.icon, entry.keeps_time, entry.url == inside, current(entry.url, here))
        for entry in ENTRIES
        if entry.right is None or entry.right in held
    ]


def held_by(request: HttpRequest) -> frozenset[str]:
    """`rights_anywhere` of whoever asked, looked up once a request."""
    held: frozenset[str] | None = getattr(request, "rights_anywhere", None)
    if held is None:
        held = request.rights_anywhere = rights_anywhere(request.user)  # type: ignore[attr-defined]
    return held


def rights_anywhere(user: User | AnonymousUser) -> frozenset[str]:
    """What the person may do at one site at least."""
    if not user.is_authenticated:
        return frozenset()
    roles = Membership.objects.filter(user=user).values_list("role", flat=True).distinct()
    return frozenset().union(*(rights.RIGHTS[role] for role in roles))


def covers(url: str, here: str) -> bool:
    """True where the page is the entry's or below it; the drill-down of sites belongs to the overview."""
    return here == url or (url == "/" and here.startswith("/sites/")) or (url != "/" and here.startswith(url))


def current(url: str, here: str) -> str:
    return "page" if url == here else "true"
