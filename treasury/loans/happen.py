"""Writes down what happens to a loan: the event, and its entry in the books, in one transaction, once by its id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import entries
from treasury.books.post import post
from treasury.books.record import record
from treasury.ledger.facts import Moved, Place
from treasury.ledger.journal import CASH, Leg
from treasury.lending.course import Event, Kind, run
from treasury.models import Loan, LoanEvent

PLEDGES: Final = (Kind.PLEDGE, Kind.TOP_UP)
COINS: Final = (*PLEDGES, Kind.RELEASE)
MONEY: Final = (Kind.DRAW, Kind.REPAY)
ALLOWED: Final = (*COINS, *MONEY, Kind.RATE)


@dataclass(frozen=True)
class Happening:
    """One event of a loan. wallet: where pledged coins come from, or released ones go."""

    source: str
    kind: Kind
    on: date
    seq: int = 0
    sat: int = 0
    usd: Decimal = Decimal("0.00")
    price_usd: Decimal | None = None
    rate: Decimal | None = None
    wallet: str = ""

    @property
    def event(self) -> Event:
        return Event(self.on, self.seq, self.kind, self.sat, self.usd, self.price_usd, self.rate)


@transaction.atomic
def happen(loan: Loan, happening: Happening, actor: User | str) -> bool:
    """False where it was written already, word for word. Raises Garbled, and writes nothing, where it cannot be."""
    check(happening)
    entries.lock()
    name = actor.email if isinstance(actor, User) else str(actor)
    event = row(loan, happening, name)
    there = LoanEvent.objects.filter(source_id=happening.source).first()
    if there is not None:
        if any(getattr(there, field) != getattr(event, field) for field in SAME):
            raise Garbled(f"{happening.source} is written down with different content")
        return False
    run(loan.terms, [*events_of(loan), happening.event], happening.on)
    event.save(force_insert=True)
    book(loan, happening, actor)
    audit.record(actor, happening.kind.value, f"loan/{loan.code}", {"source": happening.source, "on": happening.on})
    return True


SAME: Final = ("loan_id", "kind", "on", "seq", "sat", "usd", "price_usd", "rate")


def row(loan: Loan, happening: Happening, actor: str) -> LoanEvent:
    return LoanEvent(
        loan=loan, source_id=happening.source, kind=happening.kind.value, on=happening.on, seq=happening.seq,
        sat=happening.sat, usd=happening.usd, price_usd=happening.price_usd, rate=happening.rate, actor=actor[:200],
    )  # fmt: skip


def check(happening: Happening) -> None:
    kind = happening.kind
    if kind not in ALLOWED:
        raise Garbled(f"{kind} is no event that is written down")
    if kind in COINS and (happening.sat <= 0 or not happening.wallet):
        raise Garbled(f"{kind} names no coins or no wallet")
    if kind in MONEY and (happening.usd <= 0 or happening.usd != round(happening.usd, 2)):
        raise Garbled(f"{kind} names no dollars and cents")
    if kind is Kind.RATE and (happening.rate is None or not 0 <= happening.rate < 10):
        raise Garbled("a rate is a share a year, such as 0.065")


def events_of(loan: Loan) -> Sequence[Event]:
    return [
        Event(one.on, one.seq, Kind(one.kind), one.sat, one.usd, one.price_usd, one.rate) for one in loan.events.all()
    ]


def book(loan: Loan, happening: Happening, actor: User | str) -> None:
    """The entry behind the event; a new rate has none."""
    at = datetime.combine(happening.on, time(), UTC)
    if happening.kind in COINS:
        wallet, lender = Place("wallet", happening.wallet), Place("loan", loan.code)
        origin, target = (wallet, lender) if happening.kind in PLEDGES else (lender, wallet)
        receipt = post([Moved(at, happening.seq, happening.source, origin, target, happening.sat)], actor)
        for why in receipt.refused.values():
            raise Garbled(f"{happening.kind}: {why}")
    elif happening.kind in MONEY:
        usd = happening.usd if happening.kind is Kind.DRAW else -happening.usd
        legs = [Leg(CASH, loan.currency, usd), Leg(f"Liabilities:Loan:{loan.code}", loan.currency, -usd)]
        record(happening.source, happening.kind.value, at, legs, actor)
