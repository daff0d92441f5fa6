"""Pages by their names: the rail's, those of one's account, and those below the treasury."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest

from cango_ops.web.navigation import ENTRIES, rights_anywhere
from cango_ops.web.search.finding import MOST, Found
from sites import rights

# Name, address, what one must hold anywhere to open it.
BELOW: Final[tuple[tuple[str, str, str | None], ...]] = (
    ("Back-tests", "/switching/backtest/", None),
    ("Hindsight, month by month", "/switching/hindsight/", None),
    ("Hold", "/hold/", rights.OPERATE),
    ("Handovers of shifts", "/handovers/", None),
    ("Hand over the shift", "/handovers/new/", rights.OPERATE),
    ("Events of all sites", "/events/", None),
    ("Machines, list", "/machines/", None),
    ("Look up a machine by label", "/at/", None),
    ("Saved views", "/views/", None),
    ("Alert rules", "/alerts/rules/", None),
    ("Alert messages", "/alerts/messages/", None),
    ("Treasury value, mNAV", "/treasury/value/", rights.SEE_TREASURY),
    ("Treasury stress", "/treasury/stress/", rights.SEE_TREASURY),
    ("AI revenue", "/treasury/ai/", rights.SEE_TREASURY),
    ("Production and breaks", "/treasury/production/", rights.SEE_TREASURY),
    ("Wallets", "/treasury/wallets/", rights.SEE_TREASURY),
    ("Treasury proposals", "/treasury/proposals/", rights.SEE_TREASURY),
    ("Addresses, beneficiaries", "/treasury/addresses/", rights.SEE_TREASURY),
    ("Treasury policy", "/treasury/policy/", rights.SEE_TREASURY),
    ("Who looked at figures", "/treasury/access/", rights.SEE_TREASURY),
    ("Languages of machines", "/compute/protocols/", rights.SEE_SYSTEM),
    ("API tokens", "/account/tokens/", None),
    ("API documentation", "/api/docs/", None),
)


def pages(request: HttpRequest, typed: str) -> list[Found]:
    """Those of which a word begins as typed, and that the person may open."""
    asked = typed.lower().split()
    if not asked:
        return []
    mine = rights_anywhere(request)
    found = [
        Found("page", name, "", url)
        for name, url, right in every()
        if (right is None or right in mine) and all(begins(name, word) for word in asked)
    ]
    return found[:MOST]


def every() -> Iterator[tuple[str, str, str | None]]:
    yield from ((entry.name, entry.url, entry.right) for entry in ENTRIES)
    yield from BELOW


def begins(name: str, word: str) -> bool:
    """A hyphen may be typed, left out, or begin a word."""
    plain = name.lower().replace(",", " ")
    return any(part.startswith(word) for spelt in ("-", " ", "") for part in plain.replace("-", spelt).split())
