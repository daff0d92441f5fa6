"""Takes a proposal: checks it against the books, shows what it would change, rules how many must approve, writes it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Sum

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from sites import rights
from sites.models import Membership
from treasury.closing.close import Refused, need, worded
from treasury.models import Proposal
from treasury.money import bitcoin
from treasury.proposals import effect, embargo, targets
from treasury.proposals.effect import Line, Picture
from treasury.proposals.lots import refuse_named
from treasury.proposals.picture import picture
from treasury.proposals.policy import WITHOUT_VALUE, Policy, Ruling, Wish, rule, standing
from treasury.proposals.terms import CAPPED_ROLES, Terms, read

S: Final = Proposal.State
K: Final = Proposal.Kind
FROM_WALLET: Final = (K.SALE, K.SELL_TO_FUND, K.PLEDGE, K.TOP_UP, K.TRANSFER)
FROM_LOAN: Final = (K.RELEASE, K.REPAY_IN_COINS)
MOVES_MONEY: Final = (K.DRAW, K.LIQUIDATION)
OPEN: Final = (S.PROPOSED, S.APPROVED)
COUNTS: Final = (S.PROPOSED, S.APPROVED, S.BOOKED)
# Any constant will do: under this lock the day's sum of a role is counted and added to.
LOCK: Final = 4_202_005


@dataclass(frozen=True)
class Wanted:
    """What somebody proposes. key: made by the sender; sent twice, it is one proposal.   raw: the terms as told."""

    key: uuid.UUID
    kind: str
    raw: Mapping[str, Any]
    reason: str


@dataclass(frozen=True)
class Preview:
    """What a proposal would change and how it would be ruled, before anybody makes it."""

    terms: Terms
    picture: Picture
    lines: tuple[Line, ...]
    value_usd: Decimal | None
    ruling: Ruling


def preview(terms: Terms, role: str, now: datetime, policy: Policy) -> Preview:
    """Raises Refused where it does not fit the books."""
    before = picture(now)
    targets.check(terms, now)
    if terms.kind == K.EXCEPTION:
        embargo.check_wish(terms, now)
    check_coins(terms, now, before)
    is_counted = terms.kind not in WITHOUT_VALUE
    lines = tuple(effect.effect(before, terms)) if is_counted or terms.kind in MOVES_MONEY else ()
    value = effect.value_of(before, terms) if is_counted else None
    then = effect.after(before, terms)
    ltv = effect.figures(then, "")["ltv_pct"][0]
    wish = Wish(
        terms.kind, role, value, today_usd(role, now), then.free_sat, None if ltv is None else Decimal(ltv)
    )  # fmt: skip
    return Preview(terms, before, lines, value, rule(policy, wish))


def propose(wanted: Wanted, maker: User) -> Proposal:
    """The proposal, new or, of the same key and content, the one made before. Raises Refused."""
    need(maker, rights.MOVE_TREASURY)
    terms, reason = terms_of(wanted), worded(wanted.reason)
    with embargo.refusing(), transaction.atomic():
        alone()
        return earlier(wanted, terms, maker) or new(wanted, terms, reason, maker)


def alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def terms_of(wanted: Wanted) -> Terms:
    try:
        return read(wanted.kind, wanted.raw)
    except Garbled as why:
        raise Refused(str(why)) from why


def earlier(wanted: Wanted, terms: Terms, maker: User) -> Proposal | None:
    found = Proposal.objects.filter(key=wanted.key).first()
    if found is not None and (found.digest, found.maker_id) != (terms.digest, maker.pk):
        raise Refused("this key belongs to another proposal")
    return found


def new(wanted: Wanted, terms: Terms, reason: str, maker: User) -> Proposal:
    now, policy, role = clock.database_now(), standing(), role_of(maker)
    seen = preview(terms, role, now, policy)
    if seen.ruling.approvals is None:
        raise Refused(seen.ruling.why)
    exception = embargo.exception_for(terms, maker)
    row = Proposal(
        key=wanted.key, kind=terms.kind, terms=terms.told, digest=terms.digest, reason=reason, maker=maker,
        made_as=role, proposed_at=now, not_after=now + timedelta(hours=policy.valid_h),
        approvals_needed=seen.ruling.approvals, ruling=seen.ruling.why[:500], value_usd=seen.value_usd,
        price_usd=seen.picture.price_usd, effect=[line.told for line in seen.lines],
    )  # fmt: skip
    row.save(force_insert=True)
    embargo.use(exception, row)
    detail = {"kind": row.kind, "terms": row.terms, "digest": row.digest, "approvals_needed": row.approvals_needed}
    audit.record(maker, "propose", f"proposal/{row.pk}", detail | {"reason": reason, "ruling": row.ruling})
    return row


def role_of(user: User) -> str:
    """The role whose caps hold for the person: the first of the capped ones that sees every site."""
    held = set(Membership.objects.filter(user=user, operator=None, site=None).values_list("role", flat=True))
    return next((role for role in CAPPED_ROLES if role in held), CAPPED_ROLES[0])


def today_usd(role: str, now: datetime) -> Decimal:
    """What people of the role proposed in this UTC day and has not come to nothing."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Proposal.objects.filter(made_as=role, proposed_at__gte=midnight, state__in=COUNTS)
    return rows.aggregate(usd=Sum("value_usd"))["usd"] or Decimal("0.00")


def check_coins(terms: Terms, now: datetime, before: Picture) -> None:
    """Raises Refused where the coins or the debt are not there, or are spoken for by other proposals."""
    if terms.kind in FROM_WALLET:
        wallet = terms.text("wallet")
        there = targets.in_wallet(wallet, now)
        spoken = spoken_for("wallet", wallet)
        if terms.sat > there - spoken:
            also = f", {bitcoin(spoken)} of it in open proposals" if spoken else ""
            raise Refused(f"{wallet} holds {bitcoin(there)} BTC{also}: {bitcoin(terms.sat)} BTC cannot leave it")
    refuse_named(terms, now)
    loan = next((one for one in before.loans if one.name == terms.text("loan")), None)
    if terms.kind in FROM_LOAN and loan is not None:
        if terms.sat > loan.collateral_sat - spoken_for("loan", loan.name):
            raise Refused(
                f"{loan.name} has {bitcoin(loan.collateral_sat)} BTC pledged: {bitcoin(terms.sat)} BTC cannot leave it"
            )
        if terms.kind == K.RELEASE and effect.is_called(effect.after(before, terms), loan.name):
            raise Refused(f"{loan.name} would be called after it")
    if terms.kind == K.LIQUIDATION and loan is not None and terms.sat > loan.collateral_sat:
        raise Refused(
            f"{loan.name} has {bitcoin(loan.collateral_sat)} BTC pledged: {bitcoin(terms.sat)} BTC cannot leave it"
        )
    if terms.kind == K.REPAY and loan is not None and terms.values["usd"] > loan.debt_usd:
        raise Refused(f"{loan.name} owes ${loan.debt_usd:,f}")


def spoken_for(place: str, name: str) -> int:
    """Satoshis that open proposals would take out of a wallet, or out of a loan."""
    kinds = FROM_WALLET if place == "wallet" else FROM_LOAN
    rows = Proposal.objects.filter(kind__in=kinds, state__in=OPEN, **{f"terms__{place}": name})
    return sum(int(terms["sat"]) for terms in rows.values_list("terms", flat=True))
