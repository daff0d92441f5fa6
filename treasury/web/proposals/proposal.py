"""One proposal: its terms, what it would change, its lots, who said what, and the steps that were taken."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from cango_ops.base import clock, crumbs
from cango_ops.base.models import AuditEvent, User
from treasury.books.queries import Taken
from treasury.closing.close import Refused
from treasury.models import Beneficiary, Proposal
from treasury.proposals import embargo
from treasury.proposals.approve import OPEN
from treasury.proposals.book import GRACE, PRICED
from treasury.proposals.effect import effect
from treasury.proposals.lots import took, would_take
from treasury.proposals.picture import picture
from treasury.proposals.terms import Terms, of_proposal
from treasury.web.proposals import words
from treasury.web.proposals.listing import HOME, TREASURY, Held, K, May, S, may
from treasury.web.proposals.words import STATES, Row


@dataclass(frozen=True)
class ProposalPage:
    """One proposal. effect: of an open one as things stand now, then: as they stood when it was proposed.

    is_late: approved, but its time has passed; what was done in it may be booked until book_by.
    lots: that it would take or carry as the books stand, or that were taken.   forbidden: the embargo that forbids the
    person to approve or book it.
    """

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    row: Proposal
    state: str
    details: list[tuple[str, str]]
    effect: list[Row]
    then: list[Row]
    lots: list[Taken]
    price_usd: Decimal | None
    approvals: tuple[Any, ...]
    needed: int
    evidence: list[tuple[str, str]]
    steps: tuple[AuditEvent, ...]
    may: May
    forbidden: str
    is_priced: bool
    is_transfer: bool
    is_late: bool
    book_by: datetime
    as_of: datetime


def proposal_page(row: Proposal, user: User) -> ProposalPage:
    now, told = clock.now(), of_proposal(row)
    approvals = tuple(row.approvals.all())
    seen = picture(now) if row.state in OPEN and row.effect else None
    return ProposalPage(
        title=words.title(row),
        crumbs=(crumbs.COMPANY, TREASURY, HOME, crumbs.Crumb(f"{row.pk}", f"/treasury/proposals/{row.pk}/")),
        row=row,
        state=STATES[S(row.state)],
        details=words.details(told) + where_to(told),
        effect=words.rows_of(tuple(effect(seen, told))) if seen else words.rows(row.effect),
        then=words.rows(row.effect) if seen else [],
        lots=would_take(told, now) if row.state in OPEN else took(row),
        price_usd=seen.price_usd if seen else row.price_usd,
        approvals=approvals,
        needed=max(0, row.approvals_needed - len(approvals)),
        evidence=words.evidence(row.evidence),
        steps=tuple(AuditEvent.objects.filter(target=f"proposal/{row.pk}").order_by("sequence")),
        may=may(row, Held.by(user)),
        forbidden=forbidden(row, user),
        is_priced=row.kind in PRICED,
        is_transfer=row.kind == K.TRANSFER,
        is_late=row.state == S.APPROVED and row.not_after <= now,
        book_by=row.not_after + GRACE,
        as_of=now,
    )


def forbidden(row: Proposal, user: User) -> str:
    try:
        if row.state in OPEN:
            embargo.refuse(row, user)
    except Refused as why:
        return str(why)
    return ""


def where_to(told: Terms) -> list[tuple[str, str]]:
    """The address of the beneficiary, in fours, to be compared by eye."""
    row = (
        Beneficiary.objects.filter(name=told.text("beneficiary"))
        .order_by(F("retired_at").desc(nulls_first=True))
        .first()
    )
    return [("Its address", " ".join(words.fours(row.address)))] if row else []
