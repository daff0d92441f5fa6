"""Prices that a person looked up and wrote down, each once, for months that are open."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from sites import rights
from treasury.books import entries
from treasury.closing.close import Refused, last_closed, need, printable
from treasury.earnings.span import Month
from treasury.models import PriceMark

MOST_USD: Final = Decimal(10**9)
LONGEST: Final = 100
WRITTEN: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,2})?")


@transaction.atomic
def write(source: str, at: datetime, price_usd: str, user: User) -> PriceMark:
    """A price that somebody looked up, for a month that is open. Raises Refused."""
    need(user, rights.CLOSE_MONTHS)
    entries.lock()
    name, price = printable(" ".join(source.split())), amount(price_usd)
    if not 0 < len(name) <= LONGEST:
        raise Refused(f"say whose price it is, in 1 to {LONGEST} letters")
    if at > clock.database_now():
        raise Refused("nobody knows a price of the future")
    last = last_closed()
    if last is not None and at <= Month(last).end_at:
        raise Refused(f"the books are closed up to {Month(last).end_at:%Y-%m-%d}: a price of before is not added")
    if PriceMark.objects.filter(source=name, at=at).exists():
        raise Refused(f"a price of {name} at {at:%Y-%m-%d %H:%M:%S} UTC is kept already, and never changed")
    mark = PriceMark(source=name, at=at, price_usd=price, actor=user.email)
    mark.save(force_insert=True)
    audit.record(user, "write price", f"price/{name}/{at:%Y-%m-%dT%H:%M:%SZ}", {"price_usd": str(price)})
    return mark


def amount(text: str) -> Decimal:
    """Dollars and cents, "109678.04" or "109,678.04". Raises Refused."""
    if not WRITTEN.fullmatch(text.strip()):
        raise Refused(f"{text[:30]!r} is no price such as 109,678.04")
    price = Decimal(text.strip().replace(",", ""))
    if not 0 < price < MOST_USD:
        raise Refused("a price is more than 0 and less than a billion dollars")
    return price
