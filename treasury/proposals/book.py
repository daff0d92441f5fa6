"""Books what was approved and carried out: once, with its evidence, in one transaction with the entries it makes.

The entries carry the proposal's number as their id, the state moves by compare-and-set, and the database holds both to
it. Broken off anywhere, nothing is done; done again, it is found done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from cango_ops.wire import Garbled
from sites import rights
from treasury.books import entries, methods
from treasury.books.post import post
from treasury.closing.close import Refused, need, worded
from treasury.ledger.facts import Fact, Moved, Place, Sold
from treasury.ledger.lots import Method
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import Loan, Proposal
from treasury.money import bitcoin
from treasury.proposals import embargo, targets
from treasury.proposals.terms import Terms, of_proposal

S: Final = Proposal.State
K: Final = Proposal.Kind
PRICED: Final = (K.SALE, K.SELL_TO_FUND, K.REPAY_IN_COINS)
# What was carried out in time may be booked until then.
GRACE: Final = timedelta(days=7)


@dataclass(frozen=True)
class Done:
    """What was really done. note: where the proof lies; file_sha256: of the file that was shown, with its name.

    sat: None takes what was approved; less is allowed, more never.   price_usd, fee_usd: of a sale.
    """

    at: datetime
    note: str
    sat: int | None = None
    price_usd: Decimal | None = None
    fee_usd: Decimal = Decimal("0.00")
    network_fee_sat: int = 0
    file_sha256: str = ""
    file_name: str = ""

    @property
    def evidence(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(), "note": self.note, "sat": self.sat,
            "price_usd": None if self.price_usd is None else f"{self.price_usd:f}", "fee_usd": f"{self.fee_usd:f}",
            "network_fee_sat": self.network_fee_sat, "file_sha256": self.file_sha256, "file_name": self.file_name,
        }  # fmt: skip


def book(proposal: Proposal, done: Done, user: User) -> Proposal:
    """The proposal as booked; the same booking again changes nothing. Raises Refused, and does nothing."""
    need(user, rights.MOVE_TREASURY)
    worded(done.note)
    try:
        with embargo.refusing(), transaction.atomic():
            return booked(proposal, done, user)
    except Garbled as why:
        raise Refused(f"the books refuse it: {why}") from why


def booked(proposal: Proposal, done: Done, user: User) -> Proposal:
    """Part of the caller's transaction: the books' lock first, as every writer of them takes it, then the row's."""
    entries.lock()
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if row.state == S.BOOKED:
        if row.evidence == done.evidence:
            return row
        raise Refused("it is booked already, with other evidence")
    if row.state != S.APPROVED:
        raise overtaken(row)
    embargo.refuse(row, user)
    if row.kind not in BOOKINGS:
        raise Refused("a file is booked by importing it: ledger_import FILE --proposal")
    terms = of_proposal(row)
    check_done(row, terms, done)
    return write(row, BOOKINGS[K(row.kind)](row, terms, done, user), done.evidence, user)


def write(row: Proposal, sources: list[str], evidence: dict[str, Any], user: User) -> Proposal:
    marks = {"booked_at": clock.database_now(), "booked_by": user, "evidence": evidence, "sources": sources}
    if not move(row, "state", S.APPROVED, S.BOOKED, **marks):
        raise Refused("somebody else was first")
    audit.record(user, "book proposal", f"proposal/{row.pk}", {"sources": sources, "evidence": evidence})
    return row


def overtaken(row: Proposal) -> Refused:
    """Somebody was first: what it is by now, and why where that was written down."""
    return Refused(
        f"it is {row.get_state_display().lower()} by now" + (f" ({row.end_reason})" if row.end_reason else "")
    )


def check_done(row: Proposal, terms: Terms, done: Done) -> None:
    """What was done lies within what was approved. Raises Refused."""
    assert row.approved_at is not None
    if not row.approved_at <= done.at <= row.not_after:
        raise Refused(
            f"it was to be carried out between its approval, {row.approved_at:%-d %b %Y %H:%M}, and "
            f"{clock.worded(row.not_after)}"
        )
    if done.at > clock.database_now() + timedelta(minutes=1):
        raise Refused("that lies ahead")
    if done.sat is not None and not 0 < done.sat <= terms.sat:
        raise Refused(f"{bitcoin(terms.sat)} BTC were approved, not {bitcoin(done.sat)}")
    if row.kind in PRICED:
        check_price(terms, done)


def check_price(terms: Terms, done: Done) -> None:
    limit: Decimal | None = terms.get("limit_usd")
    if done.price_usd is None or done.price_usd <= 0:
        raise Refused("the price at which the coins went is missing")
    if limit is not None and done.price_usd < limit:
        raise Refused(f"${done.price_usd:,f} is below the lowest price that was approved, ${limit:,f}")
    if done.fee_usd < 0:
        raise Refused("a fee is not below nothing")


# What each kind does to the books; the ids of the entries.


def source_of(row: Proposal) -> str:
    return f"proposal/{row.pk}"


def sell(row: Proposal, terms: Terms, done: Done, user: User) -> list[str]:
    assert done.price_usd is not None
    sale = Sold(
        done.at, 0, source_of(row), terms.text("wallet"), done.sat or terms.sat, done.price_usd, done.fee_usd,
        terms.text("currency") or "USD", terms.lots,
    )  # fmt: skip
    return facts([sale], row, done, user)


def transfer(row: Proposal, terms: Terms, done: Done, user: User) -> list[str]:
    """To the wallet that bears the beneficiary's name. The network fee is a disposal, at the price when proposed."""
    payee = targets.beneficiary(terms, done.at)
    fee = done.network_fee_sat
    move_ = Moved(
        done.at, 0, source_of(row), Place("wallet", terms.text("wallet")), Place("wallet", payee.name),
        done.sat or terms.sat, fee, (done.price_usd or row.price_usd) if fee else None,
    )  # fmt: skip
    return facts([move_], row, done, user)


def facts(told: list[Fact], row: Proposal, done: Done, user: User) -> list[str]:
    proof = {"proposal": row.pk, "digest": row.digest} | done.evidence
    receipt = post(told, user, {fact.source: proof for fact in told})
    for why in receipt.refused.values():
        raise Refused(f"the books refuse it: {why}")
    return receipt.posted


LOAN_KINDS: Final = {
    K.PLEDGE: Kind.PLEDGE, K.TOP_UP: Kind.TOP_UP, K.RELEASE: Kind.RELEASE, K.REPAY: Kind.REPAY,
    K.REPAY_IN_COINS: Kind.REPAY_IN_COINS,
}  # fmt: skip


def on_loan(row: Proposal, terms: Terms, done: Done, user: User) -> list[str]:
    """An event of the loan, on the day on which it was done."""
    if row.kind in (K.PLEDGE, K.TOP_UP):
        targets.beneficiary(terms, done.at)
    happening = Happening(
        source=source_of(row), kind=LOAN_KINDS[K(row.kind)], on=done.at.date(), seq=row.pk, sat=done.sat or terms.sat,
        usd=terms.get("usd") or Decimal("0.00"), price_usd=done.price_usd if row.kind in PRICED else None,
        wallet=terms.text("wallet"), proof={"proposal": row.pk, "digest": row.digest} | done.evidence,
    )  # fmt: skip
    happen(Loan.objects.get(code=terms.text("loan")), happening, user)
    return [happening.source]


def cost_method(row: Proposal, terms: Terms, done: Done, user: User) -> list[str]:
    methods.change(terms.values["since"], Method(terms.values["method"]), user)
    return []


def lot_scope(row: Proposal, terms: Terms, done: Done, user: User) -> list[str]:
    methods.give_lots_to_wallets(terms.values["since"], user)
    return []


BOOKINGS: Final[dict[str, Callable[[Proposal, Terms, Done, User], list[str]]]] = {
    K.SALE: sell, K.SELL_TO_FUND: sell, K.TRANSFER: transfer, K.PLEDGE: on_loan, K.TOP_UP: on_loan,
    K.RELEASE: on_loan, K.REPAY: on_loan, K.REPAY_IN_COINS: on_loan, K.COST_METHOD: cost_method,
    K.LOT_SCOPE: lot_scope,
}  # fmt: skip
