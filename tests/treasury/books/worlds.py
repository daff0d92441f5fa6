"""Facts in few words: mined("m1", 1, 100, 50) came on the first of July 2025, 100 sat for 50.00 dollars."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from treasury.ledger.facts import Acquired, Moved, Origin, Place, Sold

START = datetime(2025, 7, 1, tzinfo=UTC)
# A dollar a satoshi, so that sums can be done in the head.
PAR = Decimal(100_000_000)


def day(number):
    return START + timedelta(days=number - 1)


def mined(source, on, sat, usd, wallet="hot", origin=Origin.MINED):
    return Acquired(day(on), 0, source, origin, wallet, source, sat, Decimal(usd).quantize(Decimal("0.01")))


def sold(source, on, sat, times=2, wallet="hot", fee="0.00", currency="USD", lots=()):
    return Sold(day(on), 0, source, wallet, sat, PAR * times, Decimal(fee), currency, tuple(lots))


def moved(source, on, sat, fee=0, origin="hot", target="cold", times=2):
    return Moved(day(on), 0, source, Place("wallet", origin), Place("wallet", target), sat, fee, PAR * times)


def pledged(source, on, sat, loan="A", wallet="hot"):
    return Moved(day(on), 0, source, Place("wallet", wallet), Place("loan", loan), sat)


def released(source, on, sat, loan="A", wallet="hot"):
    return Moved(day(on), 0, source, Place("loan", loan), Place("wallet", wallet), sat)
