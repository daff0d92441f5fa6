"""What is booked with its last approval, as part of that transaction: nothing of it is left to be carried out."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from cango_ops.base import clock
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.chain.addresses import parse
from treasury.closing.close import Refused
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import Beneficiary, Loan, Proposal, TreasuryCap, TreasuryPolicy
from treasury.proposals import embargo
from treasury.proposals.book import source_of, write
from treasury.proposals.policy import standing
from treasury.proposals.targets import told_as
from treasury.proposals.terms import CAPPED_ROLES, Terms, of_proposal

K: Final = Proposal.Kind


def at_once(row: Proposal, approver: User, words: str) -> None:
    """An entry of the address book, a version of the policy, an exception from an embargo, what a lender told. Raises
    Refused."""
    terms, now = of_proposal(row), clock.database_now()
    sources: list[str] = []
    if row.kind == K.ADDRESS:
        enter(row, terms, approver, words, now)
    elif row.kind == K.EXCEPTION:
        embargo.grant(row, terms, now)
    elif row.kind == K.POLICY:
        enact(row, terms, now)
    else:
        sources = hear(row, terms, approver)
    write(row, sources, {"at": now.isoformat(), "note": words or f"approved by {approver}"}, approver)


def hear(row: Proposal, terms: Terms, approver: User) -> list[str]:
    """Writes down what happened at the lender, once under the lender's own reference where it has one."""
    rate, named = terms.get("rate_pct"), terms.text("reference")
    happening = Happening(
        source=told_as(terms.text("loan"), named) if named else source_of(row), kind=Kind(row.kind),
        on=terms.values["on"], seq=FIRST if row.kind == K.DRAW else LAST, sat=terms.sat,
        usd=terms.get("usd") or Decimal("0.00"), price_usd=terms.get("price_usd"),
        rate=None if rate is None else rate / 100,
        proof={"proposal": row.pk, "digest": row.digest, "reason": row.reason},
    )  # fmt: skip
    try:
        is_new = happen(Loan.objects.get(code=terms.text("loan")), happening, approver)
    except Garbled as why:
        raise Refused(f"the books refuse it: {why}") from why
    if not is_new:
        raise Refused(f"{named} is written down already")
    return [happening.source]


# Among what happened on one day: dollars are drawn before they are repaid, the rest comes after what proposals did.
FIRST: Final = 0
LAST: Final = 2_000_000_000


def enter(row: Proposal, terms: Terms, approver: User, words: str, now: datetime) -> None:
    found = parse(terms.text("address"))
    entry = Beneficiary(
        name=terms.text("name"), address=found.text, network=found.network, script=found.script,
        purpose=terms.text("purpose"), proposal=row, added_by=row.maker, verified_by=approver, verified_at=now,
        verified_how=words, effective_at=now + timedelta(hours=standing().cooling_off_h),
    )  # fmt: skip
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as why:
        raise Refused("this name or address came into the address book meanwhile") from why


def enact(row: Proposal, terms: Terms, now: datetime) -> None:
    said = terms.values
    policy = TreasuryPolicy.objects.create(
        stance=said["stance"], words=said.get("words", ""), least_free_sat=said["least_free_sat"],
        most_ltv_pct=said.get("most_ltv_pct"),
        cooling_off_h=said["cooling_off_h"], valid_h=said["valid_h"], since=now, proposal=row,
    )  # fmt: skip
    TreasuryCap.objects.bulk_create(
        TreasuryCap(
            policy=policy, role=role, each_usd=said[f"{role}_each_usd"], day_usd=said[f"{role}_day_usd"],
            two_above_usd=said[f"{role}_two_above_usd"],
        )
        for role in CAPPED_ROLES
    )  # fmt: skip
