"""The list of proposals: what waits, for whom, what has ended, and what a person may do with each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from sites import rights
from treasury.models import Proposal
from treasury.proposals.approve import OPEN
from treasury.proposals.book import BOOKINGS
from treasury.web.proposals import words
from treasury.web.proposals.words import STATES

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
