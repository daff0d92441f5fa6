"""Posts facts into the books: each once, whatever their order, all of a call or nothing of it.

A fact dated before others re-sorts the lots after it: the costing of each disposal that changes is reversed by an entry
of its own and costed anew. Nothing is ever changed in place but the open lots, which follow from the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from cango_ops.base.models import User
from cango_ops.wire import Garbled
from treasury.books import carrying, closed, costing, entries, methods
from treasury.books.entries import Draft
from treasury.books.open_lots import code_of
from treasury.books.standing import Before, before
from treasury.ledger import telling
from treasury.ledger.facts import Acquired, Fact, Place, in_order
from treasury.ledger.journal import legs_of
from treasury.ledger.lots import Methods, NotCovered
from treasury.ledger.walk import COMPANY, Refusal, Scope, Standing, apply, give_to_wallets
from treasury.models import JournalEntry


class Uncovers(Exception):
    """A fact that is already in the books would no longer be covered."""


@dataclass(frozen=True)
class Receipt:
    """What came of a call, by source id. repeated: was in the books already, word for word.   recosted: disposals that
    now cost something else because an earlier fact came.   adjusted: posted, but dated into the open month."""

    posted: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    recosted: list[str] = field(default_factory=list)
    adjusted: list[str] = field(default_factory=list)


@transaction.atomic
def post(
    facts: Iterable[Fact],
    actor: User | str,
    evidence: Mapping[str, Any] | None = None,
    closed_until: datetime | None = None,
    late_as_adjustment: bool = False,
) -> Receipt:
    """Posts what is new and covered. Raises Garbled, and posts nothing, where a fact cannot be booked as it stands or
    an id says something else than before.

    evidence: by source id, whatever proves the fact.   closed_until: facts dated before it are refused, as are those of
    closed months.   late_as_adjustment: they are dated to the first open instant instead; the evidence keeps their day.
    """
    facts = in_order(facts)
    for fact in facts:
        telling.check(fact)
    entries.lock()
    repeated = known(facts)
    since = max((one for one in (closed_until, closed.open_since()) if one is not None), default=None)
    fresh = [fact for fact in facts if fact.source not in repeated]
    late = {fact.source: fact for fact in fresh if closed.refusal(fact.at, since)}
    if late and not late_as_adjustment:
        refused = {source: closed.refusal(fact.at, since) or "" for source, fact in late.items()}
        fresh = [fact for fact in fresh if fact.source not in late]
    else:
        refused = {}
        fresh = in_order(replace(fact, at=since) if since and fact.source in late else fact for fact in fresh)
    if not fresh:
        return Receipt(repeated=repeated, refused=refused)
    plan = planned(fresh)
    recosted = write(plan, actor, evidence or {}, late)
    refused |= {refusal.fact.source: refusal.why for refusal in plan.refused}
    posted = [fact.source for fact in plan.accepted]
    return Receipt(posted, repeated, refused, recosted, [source for source in posted if source in late])


def known(facts: Sequence[Fact]) -> list[str]:
    """The sources that are in the books already; raises Garbled where one says something else there."""
    digests = dict(
        JournalEntry.objects.filter(source_id__in=[fact.source for fact in facts]).values_list("source_id", "digest")
    )
    for fact in facts:
        if fact.source in digests and digests[fact.source] != telling.digest(fact):
            raise Garbled(f"{fact.source} is in the books with different content: post an adjustment under another id")
    return [fact.source for fact in facts if fact.source in digests]


@dataclass
class Plan:
    """What will be written."""

    before: Before
    standing: Standing
    accepted: list[Fact]
    refused: list[Refusal]


def planned(fresh: Sequence[Fact]) -> Plan:
    """All that is covered; where a fact uncovers one that is in the books, it is refused itself."""
    try:
        return replayed(fresh)
    except Uncovers:
        return one_by_one(fresh)


def replayed(fresh: Sequence[Fact]) -> Plan:
    """Applies the new facts and again those after them. Raises Uncovers."""
    start = before(fresh[0].position, fresh, methods.methods())
    plan = Plan(start, start.standing, [], [])
    new = {fact.source for fact in fresh}
    for fact in sorted([*fresh, *start.later], key=lambda one: one.position):
        try:
            apply(plan.standing, fact)
        except NotCovered as why:
            if fact.source not in new:
                raise Uncovers(f"then {fact.source} is not covered: {why}") from why
            plan.refused.append(Refusal(fact, str(why)))
        else:
            if fact.source in new:
                plan.accepted.append(fact)
    if plan.standing.methods.by_wallet_since is not None:
        give_to_wallets(plan.standing, plan.standing.methods.by_wallet_since)
    return plan


def one_by_one(fresh: Sequence[Fact]) -> Plan:
    """Leaves out each fact that uncovers another; slow, and only needed then."""
    kept: list[Fact] = []
    refused: list[Refusal] = []
    for fact in fresh:
        try:
            replayed([*kept, fact])
            kept.append(fact)
        except Uncovers as why:
            refused.append(Refusal(fact, str(why)))
    if not kept:
        return Plan(before(fresh[0].position, [], methods.methods()), Standing(methods.methods()), [], refused)
    plan = replayed(kept)
    plan.refused += refused
    return plan


def write(plan: Plan, actor: User | str, evidence: Mapping[str, Any], late: Mapping[str, Fact]) -> list[str]:
    """Writes the plan; the sources of the disposals that were costed anew. late: facts as told, before their day was
    moved."""
    if not plan.accepted:
        return []
    ids = entries.write(
        [draft(fact, actor, evidence.get(fact.source), late.get(fact.source)) for fact in plan.accepted]
    )
    standing, methods = plan.standing, plan.standing.methods
    acquired = [(ids[fact.source], fact, holder(fact, methods)) for fact in plan.accepted if isinstance(fact, Acquired)]
    costing.add_lots([(entry_id, fact, code_of(place)) for entry_id, fact, place in acquired])
    recosted = costing.cost(standing.disposals, plan.before.costed, ids, actor)
    carrying.keep(standing.carried, plan.before.later, plan.before.is_whole)
    touched = plan.before.read | {(place, fact.position) for _, fact, place in acquired}
    touched |= {(one.held, use.position) for one in standing.disposals for use in one.uses}
    if plan.before.is_whole or standing.scope is Scope.WALLET:
        touched |= {(place, one.position) for place, lots in standing.lots.items() for one in lots.parcels}
    costing.keep_open_lots(standing, touched)
    return recosted


def holder(fact: Acquired, methods: Methods) -> Place:
    """Whose lot it is when it comes."""
    is_wallets = methods.by_wallet_since is not None and fact.at >= methods.by_wallet_since
    return Place("wallet", fact.wallet) if is_wallets else COMPANY


def draft(fact: Fact, actor: User | str, proof: Any, as_told: Fact | None = None) -> Draft:
    """as_told: the fact with its own day, where the entry is dated later; told again, it is still the same fact."""
    told = {"told": telling.told(fact)} | ({"proof": proof} if proof else {})
    if as_told is not None:
        told |= {"adjusts": as_told.at.astimezone(UTC).isoformat()}
    return Draft(
        source=fact.source,
        kind=telling.kind_of(fact),
        at=fact.at,
        seq=fact.seq,
        legs=legs_of(fact),
        actor=actor,
        digest=telling.digest(as_told or fact),
        evidence=told,
    )
