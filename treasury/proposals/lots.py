"""Which lots a proposal takes or carries: as the books stand now, or as they were taken."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from treasury.books import queries
from treasury.books.methods import methods
from treasury.books.standing import before
from treasury.closing.close import Refused
from treasury.ledger.facts import Moved, Place, Sold
from treasury.ledger.lots import Method, NotCovered
from treasury.models import Proposal
from treasury.money import bitcoin
from treasury.proposals.embargo import DISPOSALS
from treasury.proposals.terms import Terms

K: Final = Proposal.Kind
OUT_OF_LOAN: Final = (K.REPAY_IN_COINS, K.LIQUIDATION, K.RELEASE)
LAST: Final = 2**62
SALES: Final = (*DISPOSALS, K.LIQUIDATION)
CARRIES: Final = (K.PLEDGE, K.TOP_UP, K.RELEASE, K.TRANSFER)


def would_take(terms: Terms, now: datetime) -> list[queries.Taken]:
    """The lots behind it at this moment; empty where it touches none, or they do not cover it."""
    known = methods()
    if terms.kind not in SALES and not (terms.kind in CARRIES and known.by_wallet_since):
        return []
    is_loan = terms.kind in OUT_OF_LOAN
    place = Place("loan" if is_loan else "wallet", terms.text("loan" if is_loan else "wallet"))
    probe = probe_of(terms, place, now)
    standing = before(probe.position, [probe], known).standing
    method = known.at(now)
    if not isinstance(probe, Sold) and method is Method.SPECIFIC:
        method = Method.FIFO
    try:
        parts = standing.lots_of(place).take(terms.sat, method, terms.lots)
    except NotCovered:
        return []
    return [queries.Taken(part.lot, part.position[0], part.sat, part.cost_usd) for part in parts]


def probe_of(terms: Terms, place: Place, now: datetime) -> Sold | Moved:
    """What the books would be told, after everything that they were told: all of it leaves."""
    if place.kind == "wallet" and terms.kind in SALES:
        return Sold(now, LAST, "probe", place.name, terms.sat, Decimal(0), lots=terms.lots)
    return Moved(now, LAST, "probe", place, Place("wallet", "probe"), 0, terms.sat, Decimal(0))


def refuse_named(terms: Terms, now: datetime) -> None:
    """Raises Refused where named lots cannot be taken."""
    if terms.lots and methods().at(now) is not Method.SPECIFIC:
        raise Refused("lots are chosen only under specific identification")
    if terms.lots and not would_take(terms, now):
        raise Refused(f"the lots {terms.text('lots')} do not hold {bitcoin(terms.sat)} BTC in {terms.text('wallet')}")


def took(row: Proposal) -> list[queries.Taken]:
    """The lots that were taken, once it is booked."""
    return [one for source in row.sources for one in (*queries.gain_of(source), *queries.gain_of(f"{source}/2"))]
