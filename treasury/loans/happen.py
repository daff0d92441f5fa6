"""Writes down what happens to a loan: the event, and its entry in the books, in one transaction, once by its id."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import closed, entries
from treasury.books.post import post
from treasury.books.record import record
from treasury.ledger.facts import Fact, Moved, Place, Sold
from treasury.ledger.journal import CASH, Leg
from treasury.lending.course import Event, Kind, run
from treasury.models import Loan, LoanEvent
from treasury.money import usd_of

PLEDGES: Final = (Kind.PLEDGE, Kind.TOP_UP)
COINS: Final = (*PLEDGES, Kind.RELEASE)
MONEY: Final = (Kind.DRAW, Kind.REPAY)
KEPT: Final = (Kind.REPAY_IN_COINS, Kind.LIQUIDATION)
ALLOWED: Final = (*COINS, *MONEY, *KEPT, Kind.RATE, Kind.CALL)


@dataclass(frozen=True)
class Happening:
    """One event of a loan. wallet: where pledged coins come from, or released ones go.   price_usd: at which the lender
    keeps collateral; of a drawdown, what a price trigger is measured against.   proof: evidence of its entries."""

    source: str
    kind: Kind
    on: date
    seq: int = 0
    sat: int = 0
    usd: Decimal = Decimal("0.00")
    price_usd: Decimal | None = None
    rate: Decimal | None = None
    wallet: str = ""
    proof: dict[str, Any] = field(default_factory=dict)

    @property
    def event(self) -> Event:
        return Event(self.on, self.seq, self.kind, self.sat, self.usd, self.price_usd, self.rate)


@transaction.atomic
def happen(loan: Loan, happening: Happening, actor: User | str) -> bool:
    """False where it was written already, word for word. Raises Garbled, and writes nothing, where it cannot be."""
    check(happening)
    entries.lock()
    event = row(loan, happening, actor.email if isinstance(actor, User) else str(actor))
    there = LoanEvent.objects.filter(source_id=happening.source).first()
    if there is not None:
        if any(getattr(there, name) != getattr(event, name) for name in SAME):
            raise Garbled(f"{happening.source} is written down with different content")
        return False
    late = closed.refusal(midnight(happening.on), closed.open_since())
    if late:
        raise Garbled(f"{happening.source}: {late}")
    events = [*events_of(loan), happening.event]
    run(loan.terms, events, max(one.on for one in events))
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
    if kind in KEPT and (happening.sat <= 0 or happening.price_usd is None or happening.price_usd <= 0):
        raise Garbled(f"{kind} names no coins or no price")
    if kind is Kind.CALL and happening.sat <= 0:
        raise Garbled("a call names the coins that are asked for")
    if kind is Kind.RATE and (happening.rate is None or not 0 <= happening.rate < 10):
        raise Garbled("a rate is a share a year, such as 0.065")


def events_of(loan: Loan) -> Sequence[Event]:
    return [
        Event(one.on, one.seq, Kind(one.kind), one.sat, one.usd, one.price_usd, one.rate) for one in loan.events.all()
    ]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def book(loan: Loan, happening: Happening, actor: User | str) -> None:
    """The entries behind the event; a new rate and a call have none."""
    at = midnight(happening.on)
    if happening.kind in COINS:
        wallet, lender = Place("wallet", happening.wallet), Place("loan", loan.code)
        origin, target = (wallet, lender) if happening.kind in PLEDGES else (lender, wallet)
        moved(Moved(at, happening.seq, happening.source, origin, target, happening.sat), happening, actor)
    elif happening.kind in MONEY:
        usd = happening.usd if happening.kind is Kind.DRAW else -happening.usd
        owe(loan, happening, usd, actor)
    elif happening.kind in KEPT:
        keep(loan, happening, actor)


def owe(loan: Loan, happening: Happening, usd: Decimal, actor: User | str) -> None:
    """Money that came (above nothing) and is owed, or went and is owed no more."""
    legs = [Leg(CASH, loan.currency, usd), Leg(liability(loan), loan.currency, -usd)]
    record(happening.source, happening.kind.value, midnight(happening.on), legs, actor, happening.proof)


def liability(loan: Loan) -> str:
    """Principal and billed interest."""
    return f"Liabilities:Loan:{loan.code}"


def keep(loan: Loan, happening: Happening, actor: User | str) -> None:
    """The lender keeps collateral at a price: the coins come back for an instant and are sold to it, and the proceeds
    settle what is owed. So they leave with their lots, at a gain or loss, as in any other sale."""
    assert happening.price_usd is not None
    at, desk = midnight(happening.on), Place("wallet", f"{loan.code} settlement")
    back = Moved(at, happening.seq, f"{happening.source}/1", Place("loan", loan.code), desk, happening.sat)
    sale = Sold(
        at, happening.seq, f"{happening.source}/2", desk.name, happening.sat, happening.price_usd,
        currency=loan.currency,
    )  # fmt: skip
    for fact in (back, sale):
        moved(fact, happening, actor)
    owe(loan, happening, -usd_of(happening.sat, happening.price_usd), actor)


def moved(fact: Fact, happening: Happening, actor: User | str) -> None:
    for why in post([fact], actor, {fact.source: happening.proof}).refused.values():
        raise Garbled(f"{happening.kind}: {why}")
