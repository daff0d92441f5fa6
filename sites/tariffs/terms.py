"""The terms of a power contract as data, read and doubted: whatever is wrong is one `BadTerms` with words.

All prices are dollars; hours are the site's wall clock; months count from 1, weekdays from Monday = 0.
"""

from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

FIXED, TIME_OF_USE, INDEX = "fixed", "tou", "index"
DAY_AHEAD, REAL_TIME = "day_ahead", "real_time"
LARGEST = Decimal(1_000_000)

Month: TypeAlias = Annotated[int, Meta(ge=1, le=12)]
Weekday: TypeAlias = Annotated[int, Meta(ge=0, le=6)]
Minutes: TypeAlias = Literal[5, 15, 30, 60]
Kind: TypeAlias = Literal["fixed", "tou", "index"]
Index: TypeAlias = Literal["day_ahead", "real_time"]


class BadTerms(ValueError):
    """The terms cannot be used, and why."""


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When something holds. begin after end: over midnight, on the day it began. Equal: all day.

    on_holidays: True or False holds on holidays only or never; None does not ask.
    """

    months: frozenset[Month] = frozenset()
    weekdays: frozenset[Weekday] = frozenset()
    begin: time = time(0)
    end: time = time(0)
    on_holidays: bool | None = None


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A price of a time-of-use tariff and when it holds; the first period that holds counts."""

    name: str
    usd_per_mwh: Decimal
    when: Window = Window()


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A demand charge: dollars for each megawatt of the month's highest interval in the window."""

    name: str
    usd_per_mw: Decimal
    interval_min: Minutes = 15
    when: Window = Window()


class Coincident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A charge for what is drawn in the one interval of a month in which the whole system peaks.

    usd_per_mw: of a month's peak.   hours_a_month: how many hours may hold it, so that each bears its share.
    """

    usd_per_mw: Decimal
    when: Window = Window()
    hours_a_month: Annotated[int, Meta(ge=1, le=744)] = 20


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Energy of a month that is paid for whether taken or not. resale: what is left goes back at the market's price."""

    mwh_a_month: Decimal
    usd_per_mwh: Decimal
    resale: bool = False


class Export(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What fed-in energy brings: a fixed price, or an index and an adder on it."""

    usd_per_mwh: Decimal = Decimal(0)
    index: Index | None = None
    limit_mw: Decimal | None = None


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything beside the kind, the market and the price that stand in the contract's own columns."""

    index: Index = "real_time"
    multiplier: Decimal = Decimal(1)
    periods: tuple[Period, ...] = ()
    holidays: frozenset[date] = frozenset()
    demand_charges: tuple[Charge, ...] = ()
    coincident_peak: Coincident | None = None
    take_or_pay: Block | None = None
    export: Export | None = None


class Contract(msgspec.Struct, frozen=True):
    """A contract as the tariff engine takes it. usd_per_mwh: the fixed price, or what is added to the others."""

    kind: Kind
    usd_per_mwh: Decimal
    zone: str
    market: str = ""
    terms: Terms = Terms()


def parse_terms(value: Any) -> Terms:
    """The terms of a JSON value. Raises BadTerms."""
    try:
        terms = msgspec.convert(value, Terms, strict=False)
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as why:
        raise BadTerms(str(why)) from why
    for name, amount in amounts(terms):
        if not amount.is_finite() or abs(amount) > LARGEST:
            raise BadTerms(f"{name} is no amount of dollars or megawatt-hours")
    if bad := next((name for name, amount in amounts(terms) if amount < 0 and name in NEVER_NEGATIVE), None):
        raise BadTerms(f"{bad} is below zero")
    return terms


NEVER_NEGATIVE = frozenset(
    {"multiplier", "demand_charges", "coincident_peak", "take_or_pay.mwh_a_month", "export.limit_mw"}
)


def amounts(terms: Terms) -> list[tuple[str, Decimal]]:
    found = [("multiplier", terms.multiplier)]
    found += [("periods", period.usd_per_mwh) for period in terms.periods]
    found += [("demand_charges", charge.usd_per_mw) for charge in terms.demand_charges]
    if terms.coincident_peak:
        found.append(("coincident_peak", terms.coincident_peak.usd_per_mw))
    if terms.take_or_pay:
        found.append(("take_or_pay.mwh_a_month", terms.take_or_pay.mwh_a_month))
        found.append(("take_or_pay.usd_per_mwh", terms.take_or_pay.usd_per_mwh))
    if terms.export:
        found.append(("export.usd_per_mwh", terms.export.usd_per_mwh))
        found.append(("export.limit_mw", terms.export.limit_mw or Decimal(0)))
    return found
