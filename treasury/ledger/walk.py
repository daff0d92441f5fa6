"""Applies facts one after the other: balances, lots, disposals with their gains, and what was refused.

Moving or pledging coins changes no lot; a sale and a network fee are disposals. A fact that a balance does not cover
is refused whole and the rest goes on.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold, in_order
from treasury.ledger.lots import Lots, Method, Methods, NotCovered, Parcel, Use, uses
from treasury.money import usd_of

ZERO: Final = Decimal("0.00")
COMPANY: Final = Place("company", "")


class Scope(StrEnum):
    """Whose lots are they: the company's, or each wallet's (basis then travels with the coins, oldest first)."""

    ENTITY = "entity"
    WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class Disposal:
    """Coins that left for good. proceeds_usd: net of fees for a sale, fair value for a network fee.

    held: whose lots were taken: the company's, or of the place that the coins left.
    """

    fact: Fact
    kind: str
    sat: int
    uses: tuple[Use, ...]
    gross_usd: Decimal
    proceeds_usd: Decimal
    held: Place = COMPANY

    @property
    def basis_usd(self) -> Decimal:
        return sum((use.basis_usd for use in self.uses), ZERO)

    @property
    def gain_usd(self) -> Decimal:
        return self.proceeds_usd - self.basis_usd


class Carried(NamedTuple):
    """Parts of lots that went from one place to another, with their cost. fact None: the company's lots were given to
    the places that held its coins, when lots came to belong to wallets."""

    fact: Moved | None
    origin: Place
    target: Place
    uses: tuple[Use, ...]


class Refusal(NamedTuple):
    """A fact that was not applied, and the sentence that says why."""

    fact: Fact
    why: str


@dataclass
class Standing:
    """All that is known after the facts so far."""

    methods: Methods
    scope: Scope = Scope.ENTITY
    places_sat: dict[Place, int] = field(default_factory=dict)
    lots: dict[Place, Lots] = field(default_factory=lambda: defaultdict(Lots))
    acquired: list[Acquired] = field(default_factory=list)
    disposals: list[Disposal] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    carried: list[Carried] = field(default_factory=list)

    def balances(self, kind: str) -> dict[str, int]:
        return {place.name: sat for place, sat in sorted(self.places_sat.items()) if place.kind == kind}

    def held_sat(self, kind: str | None = None) -> int:
        return sum(sat for place, sat in self.places_sat.items() if kind in (None, place.kind))

    @property
    def cost_usd(self) -> Decimal:
        return sum((lots.cost_usd for lots in self.lots.values()), ZERO)

    def of_origin(self, *origins: Origin) -> list[Acquired]:
        return [fact for fact in self.acquired if fact.origin in origins]

    def of_kind(self, kind: str) -> list[Disposal]:
        return [disposal for disposal in self.disposals if disposal.kind == kind]

    def holder(self, place: Place) -> Place:
        """Whose lots those of the place are."""
        return place if self.scope is Scope.WALLET else COMPANY

    def lots_of(self, place: Place) -> Lots:
        return self.lots[self.holder(place)]


def walk(facts: Iterable[Fact], methods: Methods, scope: Scope = Scope.ENTITY) -> Standing:
    """The standing after all facts, whatever their order. Raises Garbled where one id says two things."""
    standing = Standing(methods, scope)
    for fact in in_order(facts):
        try:
            apply(standing, fact)
        except NotCovered as why:
            standing.refused.append(Refusal(fact, str(why)))
    return standing


def apply(standing: Standing, fact: Fact) -> None:
    """Applies one fact, later than all before it; raises NotCovered and changes nothing where it is not covered."""
    give_to_wallets(standing, fact.at)
    if isinstance(fact, Acquired):
        _acquire(standing, fact)
    elif isinstance(fact, Sold):
        _sell(standing, fact)
    elif isinstance(fact, Moved):
        _move(standing, fact)
    else:
        raise TypeError(f"{type(fact).__name__} is no fact of the ledger")


def give_to_wallets(standing: Standing, at: datetime) -> None:
    """Where lots belong to wallets by then and not yet: gives each place as many coins of the company's lots as it
    holds, the oldest lots first, place by place in the order of their names. Source: Rev. Proc. 2024-28, 5.02(4)."""
    since = standing.methods.by_wallet_since
    if standing.scope is Scope.WALLET or since is None or at < since:
        return
    lots, method = standing.lots.pop(COMPANY, Lots()), _unnamed(standing.methods.at(since))
    standing.scope = Scope.WALLET
    for place, sat in sorted(standing.places_sat.items()):
        parts = lots.take(sat, method) if sat else []
        for part in parts:
            standing.lots[place].put(part)
        if parts:
            standing.carried.append(Carried(None, COMPANY, place, uses(parts)))


def _acquire(standing: Standing, fact: Acquired) -> None:
    place = Place("wallet", fact.wallet)
    standing.places_sat[place] = standing.places_sat.get(place, 0) + fact.sat
    standing.lots_of(place).put(Parcel(fact.position, fact.lot, fact.sat, fact.cost_usd))
    standing.acquired.append(fact)


def _sell(standing: Standing, fact: Sold) -> None:
    place = Place("wallet", fact.wallet)
    _check(standing, place, fact.sat)
    taken = standing.lots_of(place).take(fact.sat, standing.methods.at(fact.at), fact.lots)
    standing.places_sat[place] -= fact.sat
    gross = usd_of(fact.sat, fact.price_usd)
    held = standing.holder(place)
    standing.disposals.append(Disposal(fact, "sale", fact.sat, uses(taken), gross, gross - fact.fee_usd, held))


def _move(standing: Standing, fact: Moved) -> None:
    _check(standing, fact.origin, fact.sat + fact.network_fee_sat)
    method = standing.methods.at(fact.at)
    if standing.scope is Scope.WALLET:
        moved = standing.lots_of(fact.origin).take(fact.sat, _unnamed(method))
        for parcel in moved:
            standing.lots_of(fact.target).put(parcel)
        standing.carried.append(Carried(fact, fact.origin, fact.target, uses(moved)))
    standing.places_sat[fact.origin] -= fact.sat + fact.network_fee_sat
    standing.places_sat[fact.target] = standing.places_sat.get(fact.target, 0) + fact.sat
    if fact.network_fee_sat:
        _pay_network(standing, fact, method)


def _pay_network(standing: Standing, fact: Moved, method: Method) -> None:
    taken = standing.lots_of(fact.origin).take(fact.network_fee_sat, _unnamed(method))
    assert fact.price_usd is not None
    value = usd_of(fact.network_fee_sat, fact.price_usd)
    held = standing.holder(fact.origin)
    standing.disposals.append(Disposal(fact, "network_fee", fact.network_fee_sat, uses(taken), value, value, held))


def _unnamed(method: Method) -> Method:
    """What is not a sale names no lots: under specific identification it takes the oldest."""
    return Method.FIFO if method is Method.SPECIFIC else method


def _check(standing: Standing, place: Place, sat: int) -> None:
    short = sat - standing.places_sat.get(place, 0)
    if short > 0:
        raise NotCovered(f"{place.kind} {place.name} is {short} sat short")
