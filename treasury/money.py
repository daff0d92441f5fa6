"""How money is rounded, and the few conversions of it. Pure.

Satoshis are int, dollars are Decimal; in between everything is an exact Fraction, so that nothing is rounded twice.
Half up means away from zero at .5, as banks and the reports of the company do.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from cango_ops.units import SATS_PER_BTC

Exact = Fraction | Decimal | int
CENT: Final = Decimal("0.01")


def half_up(value: Exact, places: int) -> Decimal:
    """The value with so many decimal places, half away from zero."""
    if isinstance(value, Decimal) and _has_places(value, places):
        return value.quantize(Decimal(1).scaleb(-places))
    exact = Fraction(value) * 10**places
    units = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return Decimal(f"{-units if exact < 0 else units}e-{places}")


def _has_places(value: Decimal, places: int) -> bool:
    """True where there is nothing to round, and room for the zeros: the common case, ten times quicker."""
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and -places <= exponent <= 0 and len(digits) + places < 28


def places_of(value: Decimal) -> int:
    """How many decimal places the number is written with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def cents(value: Exact) -> Decimal:
    return half_up(value, 2)


def whole(value: Exact) -> int:
    """The value as a whole number, half away from zero."""
    return int(half_up(value, 0))


def btc(sat: int) -> Fraction:
    return Fraction(sat, SATS_PER_BTC)


def bitcoin(sat: int) -> str:
    """All eight decimals that are needed, at least two."""
    text = f"{half_up(btc(sat), 8):,f}"
    before, _, part = text.partition(".")
    return f"{before}.{part.rstrip('0').ljust(2, '0')}"


def usd_of(sat: int, price_usd: Decimal) -> Decimal:
    """Dollars of so many satoshis at a price per bitcoin, to the cent."""
    return cents(btc(sat) * Fraction(price_usd))


def share_of(cost_usd: Decimal, taken_sat: int, of_sat: int) -> Decimal:
    """The cost that goes with a part of a lot, to the cent; all of the lot takes all of its cost."""
    if taken_sat == of_sat:
        return cost_usd
    return cents(Fraction(cost_usd) * taken_sat / of_sat)


def ratio(part: Exact, whole_: Exact, places: int) -> Decimal | None:
    """part / whole, or None where there is nothing to divide by."""
    if not whole_:
        return None
    return half_up(Fraction(part) / Fraction(whole_), places)


def percent(part: Exact, whole_: Exact, places: int = 4) -> Decimal | None:
    return ratio(100 * Fraction(part), whole_, places)
