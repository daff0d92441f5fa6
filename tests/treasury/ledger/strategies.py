"""Facts by chance: three wallets, two loans, eight days, small and huge amounts; many do not fit together."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from treasury.ledger.facts import Acquired, Moved, Origin, Place, Sold

START = datetime(2025, 7, 1, tzinfo=UTC)
WALLETS = ["hot", "cold", "exchange"]

instants = st.integers(0, 8 * 24).map(lambda hours: START + timedelta(hours=hours))
amounts = st.one_of(st.integers(1, 9), st.integers(1, 3 * 10**8))
prices = st.integers(1, 20_000_000).map(lambda cents: Decimal(cents) / 100)
dollars = st.integers(0, 40_000_000).map(lambda cents: Decimal(cents) / 100)
wallets = st.sampled_from(WALLETS).map(lambda name: Place("wallet", name))
places = st.one_of(wallets, st.sampled_from("AB").map(lambda name: Place("loan", name)))


@st.composite
def fact(draw, source):
    at, seq, sat = draw(instants), draw(st.integers(0, 2)), draw(amounts)
    kind = draw(st.sampled_from(["acquired", "acquired", "sold", "moved"]))
    if kind == "acquired":
        origin, wallet = draw(st.sampled_from(list(Origin))), draw(st.sampled_from(WALLETS))
        return Acquired(at, seq, source, origin, wallet, source, sat, draw(dollars))
    if kind == "sold":
        currency, wallet = draw(st.sampled_from(["USD", "USDT"])), draw(st.sampled_from(WALLETS))
        return Sold(at, seq, source, wallet, sat, draw(prices), draw(dollars) / 1000 // 1, currency)
    return Moved(at, seq, source, draw(places), draw(places), sat, draw(st.integers(0, 3)), draw(prices))


@st.composite
def histories(draw, most=24):
    """Facts in any order, some of them told twice."""
    count = draw(st.integers(1, most))
    facts = [draw(fact(f"f{number}")) for number in range(count)]
    again = draw(st.lists(st.sampled_from(facts), max_size=5))
    return draw(st.permutations([*facts, *again]))
