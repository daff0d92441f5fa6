"""What a proposal names must be there: the loan, and the beneficiary, who is verified and past the cooling-off."""

from datetime import datetime
from typing import Final

from cango_ops.base import clock
from treasury.books import closed, queries
from treasury.closing.close import Refused
from treasury.loans.happen import midnight
from treasury.models import Beneficiary, JournalEntry, Loan, LoanEvent, Proposal
from treasury.proposals.policy import TOLD
from treasury.proposals.terms import Terms

K = Proposal.Kind
PURPOSES: Final = {
    K.PLEDGE: (Beneficiary.Purpose.LENDER,),
    K.TOP_UP: (Beneficiary.Purpose.LENDER,),
    K.TRANSFER: (Beneficiary.Purpose.OWN, Beneficiary.Purpose.EXCHANGE),
}


def check(terms: Terms, now: datetime) -> None:
    """Raises Refused."""
    if "loan" in terms.values and not Loan.objects.filter(code=terms.text("loan")).exists():
        raise Refused(f"there is no loan {terms.text('loan')}")
    if "beneficiary" in terms.values:
        beneficiary(terms, now)
    if terms.kind == K.ADDRESS:
        new_entry(terms)
    if terms.kind == K.COST_METHOD:
        method_from(terms.values["since"])
    if terms.kind in TOLD:
        happened(terms, now)


def happened(terms: Terms, now: datetime) -> None:
    """What is told of a lender can be written down: its day is open, its reference new. Raises Refused."""
    loan, on, named = Loan.objects.get(code=terms.text("loan")), terms.values["on"], terms.text("reference")
    late = closed.refusal(midnight(on), closed.open_since())
    if late:
        raise Refused(late)
    if on > now.date() and terms.kind != K.RATE:
        raise Refused("that day lies ahead")
    if terms.kind == K.DRAW and loan.call_price_ratio is not None and terms.get("price_usd") is None:
        raise Refused(f"{loan.code} is called by the price: say the price of a bitcoin at the drawdown")
    known = LoanEvent.objects.filter(source_id=told_as(loan.code, named)).first() if named else None
    if known is not None:
        raise Refused(f"{named} is written down already: {known.kind} of {known.on:%-d %b %Y}")


def told_as(loan: str, reference: str) -> str:
    """The id of an event, by the lender's own reference of it."""
    return f"loan/{loan}/{reference}"


def beneficiary(terms: Terms, now: datetime) -> Beneficiary:
    """The entry of the address book that coins may go to now. Raises Refused."""
    name = terms.text("beneficiary")
    row = Beneficiary.objects.filter(name=name, retired_at=None).first()
    if row is None:
        raise Refused(f"{name} is no verified entry of the address book")
    if row.effective_at > now:
        raise Refused(f"{name} is cooling off until {clock.worded(row.effective_at)}")
    if row.purpose not in PURPOSES[K(terms.kind)]:
        raise Refused(f"{name} is {row.get_purpose_display().lower()}, which is not what this is for")
    return row


def new_entry(terms: Terms) -> None:
    """Neither the name nor the address is taken. Raises Refused."""
    live = Beneficiary.objects.filter(retired_at=None)
    if live.filter(name=terms.text("name")).exists():
        raise Refused(f"the address book has an entry {terms.text('name')}: retire it first")
    other = live.filter(address=terms.text("address")).first()
    if other is not None:
        raise Refused(f"this address is in the address book already, as {other.name}")


def method_from(since: datetime) -> None:
    if JournalEntry.objects.filter(kind="costing", at__gte=since).exists():
        raise Refused(f"disposals since {clock.worded(since)} are costed: choose a later instant")


def in_wallet(name: str, now: datetime) -> int:
    return queries.coins(now).wallets_sat.get(name, 0)
