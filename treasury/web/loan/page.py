"""What the page of a loan shows: how it stands, its interest month by month, what is owed, what happened."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from sites import rights
from treasury.books import queries
from treasury.lending.course import Kind
from treasury.lending.terms import Trigger
from treasury.loans.interest import Month, schedule
from treasury.loans.position import LoanNow, loan_now
from treasury.loans.prices import Quote, quote
from treasury.loans.rollforward import Owed, rollforward
from treasury.models import Loan, LoanEvent, Proposal
from treasury.web.price_axis import price_axis
from treasury.web.proposals.listing import TREASURY

WORDS: Final = {Kind.REPAY_IN_COINS.value: "repaid in coins", Kind.RATE.value: "new rate"}


@dataclass(frozen=True)
class Happened:
    """An event in words. proposal: number of the one by which it came into the books, None where none did.

    evidence: what was said for it there.
    """

    row: LoanEvent
    word: str
    proposal: int | None
    evidence: str

    @property
    def rate_pct(self) -> str:
        return "" if self.row.rate is None else pct(self.row.rate)


def pct(share: Decimal) -> str:
    """0.065 is 6.5."""
    text = f"{100 * share:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class LoanPage:
    """owed: since the loan began. first: its first day; None where nothing happened yet."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    loan: Loan
    now: LoanNow
    quote: Quote
    axis: SafeString
    months: tuple[Month, ...]
    terms: tuple[tuple[str, str], ...]
    owed: Owed | None
    first: date | None
    events: tuple[Happened, ...]
    may_move: bool
    as_of: datetime


def loan_page(loan: Loan, user: User) -> LoanPage:
    now = clock.now()
    price = quote(now)
    events = happened(loan)
    first = min((event.row.on for event in events), default=None)
    standing = loan_now(loan, now, price.price_usd, queries.coins(now).pledged_sat.get(loan.code, 0))
    return LoanPage(
        title=title(loan, standing),
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb(loan.code, f"/treasury/loans/{loan.code}/", str(loan))),
        loan=loan,
        now=standing,
        quote=price,
        axis=price_axis([standing], price.price_usd),
        months=tuple(schedule(loan, now.date())),
        terms=terms(loan, standing),
        owed=rollforward(loan, first, now.date()) if first else None,
        first=first,
        events=tuple(events),
        may_move=rights.may(user, rights.MOVE_TREASURY),
        as_of=now,
    )


def happened(loan: Loan) -> list[Happened]:
    """The newest first."""
    rows = Proposal.objects.filter(state=Proposal.State.BOOKED, terms__loan=loan.code)
    by_source = {source: row for row in rows for source in row.sources}
    return [told(event, by_source.get(event.source_id)) for event in list(loan.events.all())[::-1]]


def told(event: LoanEvent, row: Proposal | None) -> Happened:
    word = WORDS.get(event.kind, event.kind.replace("_", " "))
    if row is None:
        return Happened(event, word, None, "")
    note = (row.evidence or {}).get("note", "")
    return Happened(event, word, row.pk, "; ".join(words for words in (row.reason, note) if words))


def title(loan: Loan, now: LoanNow) -> str:
    """The answer: how far it is from its call."""
    if now.distance_pct is not None and now.distance_pct >= 0:
        return f"{loan.code}: {now.distance_pct} % from its call"
    return f"{loan.code}: {now.reason or now.state}"


def terms(loan: Loan, now: LoanNow) -> tuple[tuple[str, str], ...]:
    """What the contract says; what it does not say is left out."""
    gate = "at or above" if loan.trigger == Trigger.GTE else "above"
    shares = (("Drawn at an LTV of", loan.initial_ltv, ""), ("Called", loan.margin_ltv, gate),
              ("Liquidated", loan.liquidation_ltv, gate))  # fmt: skip
    said = [("Rate", f"{pct(now.rate)} % a year"), ("Day count", loan.day_count)]
    said.append(("Interest", loan.get_interest_display().replace("_", " ")))
    said += [(name, f"{word} {pct(share)} %".strip()) for name, share, word in shares if share is not None]
    if loan.call_price_ratio is not None:
        said.append(("Called below", f"{pct(loan.call_price_ratio)} % of the price at drawdown"))
    said.append(("Ends", f"{loan.ends_on:%-d %b %Y}" if loan.ends_on else "open"))
    return tuple(said)
