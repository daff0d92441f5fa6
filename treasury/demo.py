"""Books for a new installation to look at: the story of treasury.story, told day by day up to yesterday.

Everything is told by ids that begin with "demo/", so that telling it twice changes nothing; what is a reconstruction of
published figures, and what is made up, stands in the evidence of each entry.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from treasury import story
from treasury.books.post import post
from treasury.books.record import record
from treasury.ledger.facts import Fact, Origin
from treasury.loans.happen import Happening, happen
from treasury.models import JournalEntry, Loan, PriceMark, Wallet
from treasury.story import LoanStep, Story

PAID_INTO: Final = "pool-payouts"
ACTOR: Final = "demo"
PRICE_SOURCE: Final = "published daily price"
# Marks younger than this would stand among the prices of now.
MARKS_FROM: Final = timedelta(days=4)


def seed(today: date, price_usd: Decimal) -> int:
    """The number of entries there are then; installations that have books of their own are left alone."""
    if JournalEntry.objects.exclude(source_id__contains="demo/").filter(kind__in=list(Origin)).exists():
        return JournalEntry.objects.count()
    if not JournalEntry.objects.exists():
        tell(story.told(today, price_usd))
        mark_prices(today)
    return JournalEntry.objects.count()


def watch(descriptor: str) -> bool:
    """Watches the wallet into which the estate's pool pays, where no wallet is watched yet."""
    if Wallet.objects.exists():
        return False
    Wallet.objects.create(name=PAID_INTO, kind=Wallet.Kind.WATCHED, descriptor=descriptor, added_by="demo")
    return True


def tell(found: Story) -> None:
    """Facts up to each day on which something happens to the loan, then that day's steps: so nothing is uncovered."""
    loan = lender()
    told = 0
    facts = sorted(found.facts, key=lambda fact: fact.position)
    for on, steps in groupby(found.steps, key=lambda step: step.on):
        until = next((n for n in range(told, len(facts)) if facts[n].at >= midnight(on)), len(facts))
        tell_facts(facts[told:until])
        told = until
        for seq, step in enumerate(steps):
            happen(loan, happening(step, seq), ACTOR)
    tell_facts(facts[told:])
    for entry in found.money:
        record(entry.source, entry.kind, entry.at, entry.legs, ACTOR, {"evidence": entry.evidence})


def tell_facts(facts: list[Fact]) -> None:
    post(facts, ACTOR, {fact.source: {"evidence": story.PUBLISHED} for fact in facts})


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def happening(step: LoanStep, seq: int) -> Happening:
    return Happening(step.source, step.kind, step.on, seq, sat=step.sat, usd=step.usd, wallet=step.wallet)


def lender() -> Loan:
    """The loan, with terms of the kind that peers of the same lender disclosed."""
    terms = story.TERMS
    return Loan.objects.create(
        code=story.LOAN, lender="Antalpha Digital", rate=terms.rate, day_count=terms.day_count.value,
        interest=terms.interest.value, initial_ltv=terms.initial_ltv, margin_ltv=terms.margin_ltv,
        liquidation_ltv=terms.liquidation_ltv,
    )  # fmt: skip


def mark_prices(today: date) -> None:
    """The prices at the ends of months, for reports and roll-forwards."""
    marks = [
        PriceMark(source=PRICE_SOURCE, at=midnight(on) + timedelta(hours=23, minutes=59), price_usd=Decimal(usd))
        for on, usd in story.PRICES
        if on < today - MARKS_FROM
    ]
    PriceMark.objects.bulk_create(marks, ignore_conflicts=True)
