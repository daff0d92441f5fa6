"""Balances in several currencies as one sum: each times its closing rate, rounded to the cent, then added."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from treasury.money import cents


class Converted(NamedTuple):
    """amounts: by currency, None where it has no rate; total None where any has none.  USDT needs a rate of its own."""

    amounts: dict[str, Decimal | None]
    total: Decimal | None


def convert(balances: Mapping[str, Decimal], rates: Mapping[str, Decimal], reporting: str) -> Converted:
    """rates: how much of the reporting currency one unit is worth; that of the reporting currency itself is 1."""
    amounts: dict[str, Decimal | None] = {}
    for currency, balance in balances.items():
        rate = Decimal(1) if currency == reporting else rates.get(currency)
        amounts[currency] = None if rate is None else cents(Fraction(balance) * Fraction(rate))
    known = [amount for amount in amounts.values() if amount is not None]
    return Converted(amounts, sum(known, Decimal("0.00")) if len(known) == len(amounts) else None)
