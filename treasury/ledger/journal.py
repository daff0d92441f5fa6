"""Facts as double entry: which accounts move, by how many satoshis and dollars.

An entry balances in every currency by itself. A sale is two entries: what is seen (coins gone, money come) and its
costing (which lots, what gain), because a receipt that arrives late changes only the second.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold
from treasury.ledger.walk import Disposal
from treasury.money import usd_of

BTC: Final = "BTC"
USD: Final = "USD"

WALLET: Final = "Assets:Bitcoin:Wallet"
LOAN: Final = "Assets:Bitcoin:Loan"
COST: Final = "Assets:BitcoinCost"
COST_DISPOSED: Final = f"{COST}:Disposed"
CASH: Final = "Assets:Cash"
SOLD: Final = "Equity:Bitcoin:Sold"
BURNT: Final = "Expenses:Bitcoin:NetworkFee"
CONVERSION: Final = "Equity:Conversion"
PROCEEDS: Final = "Equity:Disposals:Proceeds"
COSTED: Final = "Equity:Disposals:Costed"
GAIN: Final = "Income:RealisedGain"
NETWORK_FEE: Final = "Expenses:NetworkFee"
# Where coins of each origin come from, and what stands against their cost.
CAME_FROM: Final = {
    Origin.OPENING: ("Equity:Bitcoin:Opening", "Equity:Opening"),
    Origin.MINED: ("Income:Bitcoin:Mined", "Income:Mining"),
    Origin.BOUGHT: ("Equity:Bitcoin:Bought", CASH),
}


class Leg(NamedTuple):
    """One side of an entry. amount: int satoshis for BTC, Decimal for any other currency."""

    account: str
    currency: str
    amount: int | Decimal


def cost_account(origin: Origin) -> str:
    return f"{COST}:{origin.capitalize()}"


def place_account(place: Place) -> str:
    return f"{WALLET if place.kind == 'wallet' else LOAN}:{place.name}"


def legs_of(fact: Fact) -> list[Leg]:
    """What is seen of a fact: coins and money, without lots and gains."""
    if isinstance(fact, Acquired):
        return _acquired(fact)
    if isinstance(fact, Sold):
        return _sold(fact)
    assert isinstance(fact, Moved)
    return _moved(fact)


def _acquired(fact: Acquired) -> list[Leg]:
    coins, money = CAME_FROM[fact.origin]
    return [
        Leg(f"{WALLET}:{fact.wallet}", BTC, fact.sat),
        Leg(coins, BTC, -fact.sat),
        Leg(cost_account(fact.origin), USD, fact.cost_usd),
        Leg(money, USD, -fact.cost_usd),
    ]


def _sold(fact: Sold) -> list[Leg]:
    net = usd_of(fact.sat, fact.price_usd) - fact.fee_usd
    legs = [
        Leg(f"{WALLET}:{fact.wallet}", BTC, -fact.sat),
        Leg(SOLD, BTC, fact.sat),
        Leg(CASH, fact.currency, net),
        Leg(PROCEEDS, USD, -net),
    ]
    if fact.currency != USD:
        legs += [Leg(CONVERSION, fact.currency, -net), Leg(CONVERSION, USD, net)]
    return legs


def _moved(fact: Moved) -> list[Leg]:
    fee = fact.network_fee_sat
    legs = [
        Leg(place_account(fact.origin), BTC, -fact.sat - fee),
        Leg(place_account(fact.target), BTC, fact.sat),
    ]
    if fee:
        assert fact.price_usd is not None
        value = usd_of(fee, fact.price_usd)
        legs += [Leg(BURNT, BTC, fee), Leg(NETWORK_FEE, USD, value), Leg(PROCEEDS, USD, -value)]
    return legs


def costing_legs(disposal: Disposal) -> list[Leg]:
    """What the disposal cost, and the gain or loss that remains."""
    return [
        Leg(COSTED, USD, disposal.proceeds_usd),
        Leg(COST_DISPOSED, USD, -disposal.basis_usd),
        Leg(GAIN, USD, -disposal.gain_usd),
    ]


def reversed_legs(legs: Iterable[Leg]) -> list[Leg]:
    return [leg._replace(amount=-leg.amount) for leg in legs]


def unbalanced(legs: Sequence[Leg]) -> list[str]:
    """The currencies in which the legs do not add up to nothing."""
    sums: dict[str, int | Decimal] = defaultdict(int)
    for leg in legs:
        sums[leg.currency] += leg.amount
    return sorted(currency for currency, amount in sums.items() if amount)
