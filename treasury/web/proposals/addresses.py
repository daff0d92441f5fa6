"""The address book: where coins may go."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from treasury.models import Beneficiary, Proposal
from treasury.web.proposals import words
from treasury.web.proposals.listing import TREASURY, Held, Item, K, S, item


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
    groups = words.fours(row.address)
    if row.retired_at is not None:
        return Entry(row, "unknown", "retired", groups)
    if row.effective_at > now:
        return Entry(row, "maintenance", "cooling off", groups)
    return Entry(row, "ok", "effective", groups)
