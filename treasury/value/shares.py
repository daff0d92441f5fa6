"""Shares by class on a day, and what may become shares. Pure.

Assumed diluted shares, the denominator of the BTC yield, count everything that may become a share, without the
treasury-stock method. Source: the definitions in Strategy's quarterly reports (Assumed Diluted Shares Outstanding).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from treasury.value.nav import Capital, Convertible, Option, converted_shares


class Change(NamedTuple):
    """Shares of a class that came (above zero) or went (below)."""

    on: date
    share_class: str
    shares: int


class RightKind(StrEnum):
    """What may become shares."""

    OPTION = "option"
    RSU = "rsu"  # has no strike
    WARRANT = "warrant"
    CONVERTIBLE = "convertible"


@dataclass(frozen=True)
class Right:
    """number, strike_usd: of options, units and warrants.   principal_usd, conversion_price_usd: of a note.

    It stands from from_on up to until_on, which is not in it any more.
    """

    name: str
    kind: RightKind
    from_on: date
    until_on: date | None = None
    number: int = 0
    strike_usd: Decimal = Decimal(0)
    principal_usd: Decimal = Decimal(0)
    conversion_price_usd: Decimal = Decimal(0)

    def stands(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    @property
    def option(self) -> Option:
        return Option(Decimal(self.number), self.strike_usd)

    @property
    def note(self) -> Convertible:
        return Convertible(self.principal_usd, self.conversion_price_usd)

    @property
    def assumed(self) -> Fraction:
        """The shares it would be if all of it were exercised or converted."""
        is_note = self.kind is RightKind.CONVERTIBLE
        return converted_shares(self.note) if is_note else Fraction(self.number)

    def dilutes(self, price_usd: Decimal | None) -> Fraction | None:
        """The shares it adds at a share price, by the treasury-stock or the if-converted method; None without one."""
        if price_usd is None:
            return None
        if self.kind is RightKind.CONVERTIBLE:
            return self.assumed if price_usd > self.conversion_price_usd else Fraction(0)
        if price_usd <= self.strike_usd:
            return Fraction(0)
        return self.number * (1 - Fraction(self.strike_usd) / Fraction(price_usd))


def by_class(changes: Iterable[Change], day: date) -> dict[str, int]:
    """Shares outstanding at the end of a day, by class in order; classes of which none is left are not in it."""
    counts: dict[str, int] = {}
    for change in changes:
        if change.on <= day:
            counts[change.share_class] = counts.get(change.share_class, 0) + change.shares
    return {name: count for name, count in sorted(counts.items()) if count}


def first_short(changes: Sequence[Change]) -> Change | None:
    """The first change after which a class would have fewer shares than none."""
    counts: dict[str, int] = {}
    for change in sorted(changes):
        counts[change.share_class] = counts.get(change.share_class, 0) + change.shares
        if counts[change.share_class] < 0:
            return change
    return None


def capital(basic: int, rights: Sequence[Right], share_price_usd: Decimal | None) -> Capital:
    """As `nav` dilutes it. rights: those that stand on the day."""
    notes = [right.note for right in rights if right.kind is RightKind.CONVERTIBLE]
    options = [right.option for right in rights if right.kind is not RightKind.CONVERTIBLE]
    return Capital(Decimal(basic), share_price_usd, options, notes)


def assumed_diluted(basic: int, rights: Iterable[Right]) -> Fraction:
    return Fraction(basic) + sum((right.assumed for right in rights), Fraction(0))
