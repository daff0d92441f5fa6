"""What a proposal names must be there: the loan, and the beneficiary, who is verified and past the cooling-off."""

from datetime import datetime
from typing import Final

from cango_ops.base import clock
from treasury.books import queries
from treasury.closing.close import Refused
from treasury.models import Beneficiary, JournalEntry, Loan, Proposal
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
