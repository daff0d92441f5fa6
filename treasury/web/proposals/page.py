"""What the pages of proposals, the address book and the policy show, read once and ready to print."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import F

from cango_ops.base import clock, crumbs
from cango_ops.base.models import AuditEvent, User
from sites import rights
from treasury.books.queries import Taken
from treasury.closing.close import Refused
from treasury.models import Beneficiary, Proposal, TreasuryPolicy
from treasury.proposals import embargo
from treasury.proposals.approve import OPEN
from treasury.proposals.book import BOOKINGS, GRACE, PRICED
from treasury.proposals.effect import effect
from treasury.proposals.lots import took, would_take
from treasury.proposals.picture import picture
from treasury.proposals.policy import Policy, standing
from treasury.proposals.propose import Preview
from treasury.proposals.terms import Terms, of_proposal
from treasury.web.proposals import words
from treasury.web.proposals.form import Field
from treasury.web.proposals.words import STATES, Row

TREASURY: Final = crumbs.Crumb("Treasury", "/treasury/")
HOME: Final = crumbs.Crumb("Proposals", "/treasury/proposals/")
MOST: Final = 200
K = Proposal.Kind
S = Proposal.State


@dataclass(frozen=True)
class May:
    """What the person may do with a proposal. why_not: why they may not approve it, where they could else."""

    approve: bool
    reject: bool
    withdraw: bool
    book: bool
    why_not: str = ""


@dataclass(frozen=True)
class Item:
    """A proposal of a list."""

    row: Proposal
    title: str
    state: str
    given: int
    may: May


@dataclass(frozen=True)
class ProposalsPage:
    """waiting: open ones, the oldest first.   ended: the newest first."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    waiting: tuple[Item, ...]
    ended: tuple[Item, ...]
    more: int
    kinds: tuple[tuple[str, str], ...]
    may_propose: bool
    as_of: datetime


def proposals_page(user: User) -> ProposalsPage:
    rows = Proposal.objects.visible_to(user).select_related("maker").prefetch_related("approvals__approver")
    held = Held.by(user)
    waiting = [item(row, held) for row in rows.filter(state__in=OPEN).order_by("proposed_at")]
    ended = rows.exclude(state__in=OPEN)
    return ProposalsPage(
        title=list_title(waiting),
        crumbs=(crumbs.COMPANY, TREASURY, HOME),
        waiting=tuple(waiting),
        ended=tuple(item(row, held) for row in ended[:MOST]),
        more=max(0, ended.count() - MOST),
        kinds=tuple((value, str(name)) for value, name in K.choices),
        may_propose=held.moves,
        as_of=clock.now(),
    )


def list_title(waiting: list[Item]) -> str:
    """The answer: what waits for the person, else what waits for anybody."""
    mine = sum(one.may.approve for one in waiting)
    if mine:
        return f"{mine} proposal{'s wait' if mine > 1 else ' waits'} for your word"
    book = sum(one.row.state == S.APPROVED for one in waiting)
    if book:
        return f"{book} proposal{'s are' if book > 1 else ' is'} approved and not booked"
    if waiting:
        return f"{len(waiting)} proposal{'s wait' if len(waiting) > 1 else ' waits'} for others"
    return "No proposal waits"


@dataclass(frozen=True)
class Held:
    """Who looks, and the rights that the person holds; asked once a page."""

    user: User
    moves: bool
    judges: bool

    @classmethod
    def by(cls, user: User) -> "Held":
        return cls(user, rights.may(user, rights.MOVE_TREASURY), rights.may(user, rights.APPROVE_TREASURY))


def item(row: Proposal, held: Held) -> Item:
    return Item(row, words.title(row), STATES[S(row.state)], len(row.approvals.all()), may(row, held))


def may(row: Proposal, held: Held) -> May:
    moves, judges = held.moves, held.judges
    is_maker, is_open = row.maker_id == held.user.pk, row.state in OPEN
    has_said = any(one.approver_id == held.user.pk for one in row.approvals.all())
    waits = row.state == S.PROPOSED
    why_not = ""
    if waits and judges and is_maker:
        why_not = "You proposed it: others approve."
    elif waits and has_said:
        why_not = "You have approved it; it waits for another person."
    return May(
        approve=waits and judges and not is_maker and not has_said,
        reject=is_open and judges and not is_maker,
        withdraw=is_open and moves and is_maker,
        book=row.state == S.APPROVED and moves and row.kind in BOOKINGS,
        why_not=why_not,
    )


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
    return [("Its address", " ".join(fours(row.address)))] if row else []


def fours(address: str) -> tuple[str, ...]:
    return tuple(address[at : at + 4] for at in range(0, len(address), 4))


@dataclass(frozen=True)
class NewPage:
    """The form of a kind. seen: once it was previewed.   refused: why it was not taken."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    kind: str
    kinds: tuple[tuple[str, str], ...]
    fields: list[Field]
    seen: Preview | None
    sentence: str
    effect: list[Row]
    lots: list[Taken]
    key: str
    reason: str
    refused: str
    span_at: datetime


def new_page(
    kind: str, fields: list[Field], seen: Preview | None, key: str, reason: str = "", refused: str = ""
) -> NewPage:
    return NewPage(
        title=f"Propose: {K(kind).label.lower()}",
        crumbs=(crumbs.COMPANY, TREASURY, HOME, crumbs.Crumb("New", "/treasury/proposals/new/")),
        kind=kind,
        kinds=tuple((value, str(name)) for value, name in K.choices),
        fields=fields,
        seen=seen,
        sentence=words.sentence(seen.terms) if seen else "",
        effect=words.rows_of(seen.lines) if seen else [],
        lots=would_take(seen.terms, clock.now()) if seen else [],
        key=key,
        reason=reason,
        refused=refused,
        span_at=clock.now(),
    )


# The address book


@dataclass(frozen=True)
class Entry:
    """An entry of the address book. groups: the address in fours, to be compared by eye."""

    row: Beneficiary
    state: str
    word: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class AddressesPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    entries: tuple[Entry, ...]
    retired: tuple[Entry, ...]
    waiting: tuple[Item, ...]
    may_move: bool
    as_of: datetime


def addresses_page(user: User) -> AddressesPage:
    now, held = clock.now(), Held.by(user)
    rows = Beneficiary.objects.visible_to(user).select_related("added_by", "verified_by", "retired_by")
    told = [entry(row, now) for row in rows]
    live = tuple(one for one in told if one.row.retired_at is None)
    asked = Proposal.objects.filter(kind=K.ADDRESS, state=S.PROPOSED).select_related("maker")
    effective = sum(one.state == "ok" for one in live)
    return AddressesPage(
        title=f"Coins may go to {effective} address{'es' if effective != 1 else ''}" if live
        else "No address is verified: coins can be sent nowhere",
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb("Addresses", "/treasury/addresses/")),
        entries=live,
        retired=tuple(one for one in told if one.row.retired_at is not None),
        waiting=tuple(item(row, held) for row in asked.prefetch_related("approvals__approver")),
        may_move=held.moves,
        as_of=now,
    )  # fmt: skip


def entry(row: Beneficiary, now: datetime) -> Entry:
    groups = fours(row.address)
    if row.retired_at is not None:
        return Entry(row, "unknown", "retired", groups)
    if row.effective_at > now:
        return Entry(row, "maintenance", "cooling off", groups)
    return Entry(row, "ok", "effective", groups)


# The policy


@dataclass(frozen=True)
class PolicyPage:
    """versions: what held before, the newest first."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    policy: Policy
    stance: str
    caps: tuple[tuple[str, Any], ...]
    versions: tuple[TreasuryPolicy, ...]
    waiting: tuple[Item, ...]
    may_move: bool
    as_of: datetime


def policy_page(user: User) -> PolicyPage:
    policy, held = standing(), Held.by(user)
    stance = TreasuryPolicy.Stance(policy.stance).label
    asked = Proposal.objects.filter(kind=K.POLICY, state=S.PROPOSED).select_related("maker")
    return PolicyPage(
        title=f"{stance}" if policy.version else f"{stance}; nobody has set a policy, the defaults hold",
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb("Policy", "/treasury/policy/")),
        policy=policy,
        stance=str(stance),
        caps=tuple(sorted(policy.caps.items())),
        versions=tuple(
            TreasuryPolicy.objects.visible_to(user).select_related("proposal__maker").prefetch_related("caps")[:50]
        ),
        waiting=tuple(item(row, held) for row in asked.prefetch_related("approvals__approver")),
        may_move=held.moves,
        as_of=clock.now(),
    )
