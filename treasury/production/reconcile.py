"""Holds expected coins, pool shares, payouts, receipts and the books against each other, and keeps what is off.

Every figure is judged only where it can be: a day when it is over and measured, a payout once its wallet is watched.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from compute.models import PoolAccount
from treasury.models import (
    PoolEarning,
    PoolPayout,
    PoolStatement,
    ProductionDay,
    Wallet,
    WalletOutput,
    WalletReading,
)
from treasury.pools.cover import cover
from treasury.pools.receipts import Arrived, Due, Matched, match
from treasury.production import breaks, posting
from treasury.production.breaks import Found
from treasury.production.measured import MINUTES

SHARES: Final = "expected_shares"
UNPAID: Final = "shares_unpaid"
BEYOND: Final = "paid_beyond_shares"
MISSING: Final = "payout_not_arrived"
DIFFERS: Final = "payout_arrived_otherwise"
UNKNOWN: Final = "receipt_unknown"
UNBOOKED: Final = "payout_not_booked"
KINDS: Final = (SHARES, UNPAID, BEYOND, MISSING, DIFFERS, UNKNOWN, UNBOOKED)
LOOK_BACK: Final = timedelta(days=40)
# What each step may lose: luck and fee estimates of the pool; what rounds when it pays.
SHARES_MAY_DIFFER: Final = Decimal("0.02")
PAID_MAY_DIFFER: Final = Decimal("0.01")
LEAST_COVERAGE: Final = Decimal("0.95")
PAID_WITHIN: Final = timedelta(days=3)
ARRIVES_WITHIN: Final = timedelta(days=1)


def reconcile(now: datetime) -> int:
    """Posts what is due, looks for breaks and keeps them; how many there are."""
    unbooked = posting.post_due(now)
    found = [*shares(now), *paid(now), *arrivals(now), *booked(unbooked, now)]
    breaks.note(KINDS, found, now)
    return len(found)


# Expected against shares


@dataclass
class Day:
    """A day of an operator. earned_sat None: an account did not tell the day."""

    expected_sat: int
    minutes: int
    sites: int
    earned_sat: int | None

    @property
    def coverage(self) -> Fraction:
        return Fraction(self.minutes, MINUTES * self.sites)

    @property
    def off_sat(self) -> int | None:
        """Earned less expected; None where one of them is not known."""
        return None if self.earned_sat is None else self.earned_sat - self.expected_sat

    @property
    def is_off(self) -> bool:
        """Beyond the tolerance and what was not measured."""
        allowed = (Fraction(SHARES_MAY_DIFFER) + 1 - self.coverage) * self.expected_sat
        return self.coverage >= LEAST_COVERAGE and self.off_sat is not None and abs(self.off_sat) > allowed


def days_of_operators(first: date, last: date) -> dict[tuple[int, date], Day]:
    """Each day of each operator all of whose measured sites have an expectation, by operator and day."""
    found: dict[tuple[int, date], Day] = {}
    unknown = set()
    rows = ProductionDay.objects.filter(day__gte=first, day__lte=last)
    for operator, day, sat, minutes in rows.values_list("site__operator", "day", "expected_sat", "minutes"):
        one = found.setdefault((operator, day), Day(0, 0, 0, None))
        one.expected_sat += sat or 0
        one.minutes += minutes
        one.sites += 1
        if sat is None:
            unknown.add((operator, day))
    for key, sat in earned(first, last).items():
        if key in found:
            found[key].earned_sat = sat
    return {key: one for key, one in found.items() if key not in unknown}


def earned(first: date, last: date) -> dict[tuple[int, date], int]:
    """By operator and day, of days that every account of the operator told."""
    accounts: dict[int, set[int]] = defaultdict(set)
    for pk, operator in PoolAccount.objects.values_list("pk", "operator_id"):
        accounts[operator].add(pk)
    told: dict[tuple[int, date], dict[int, int]] = defaultdict(dict)
    rows = PoolEarning.objects.filter(day__gte=first, day__lte=last)
    for operator, day, account, sat in rows.values_list("account__operator", "day", "account", "amount_sat"):
        told[operator, day][account] = sat
    return {key: sum(by.values()) for key, by in told.items() if by.keys() == accounts[key[0]]}


def shares(now: datetime) -> Iterator[Found]:
    names = dict(PoolAccount.objects.values_list("operator_id", "operator__code"))
    last = now.date() - timedelta(days=1)
    for (operator, day), one in sorted(days_of_operators(last - LOOK_BACK, last).items()):
        if one.off_sat is not None and one.is_off:
            told = f"{one.expected_sat:,} sat expected of the machines, {one.earned_sat:,} sat of shares"
            words = f"{names[operator]}, {day}: {told}"
            yield Found(SHARES, f"{names[operator]}/{day}", one.off_sat, words, "operations")


# Shares against payouts


def paid(now: datetime) -> Iterator[Found]:
    for account in PoolAccount.objects.all():
        days = dict(PoolEarning.objects.filter(account=account).values_list("day", "amount_sat"))
        payouts = PoolPayout.objects.filter(account=account).values_list("paid_at", "amount_sat")
        standing = cover(days, payouts)
        for one in standing.unpaid:
            is_due = one.day < (now - PAID_WITHIN).date() and one.left_sat > Fraction(PAID_MAY_DIFFER) * one.earned_sat
            if is_due and one.day >= (now - LOOK_BACK).date():
                words = f"{account}, {one.day}: {one.left_sat:,} of {one.earned_sat:,} sat of shares are not paid"
                yield Found(UNPAID, f"{account.pk}/{one.day}", -one.left_sat, words)
        if standing.beyond_sat > Fraction(PAID_MAY_DIFFER) * sum(days.values()):
            words = f"{account}: {standing.beyond_sat:,} sat were paid beyond all shares that it told"
            yield Found(BEYOND, f"{account.pk}/all", standing.beyond_sat, words)


# Payouts against receipts


def watched_since() -> dict[str, tuple[int, datetime, int]]:
    """Wallet id, first reading and its height of each wallet that is read on the chain, by its name."""
    rows = WalletReading.objects.filter(wallet__kind=Wallet.Kind.WATCHED).order_by("wallet_id", "observed_at", "pk")
    firsts = rows.distinct("wallet_id").values_list("wallet__name", "wallet", "observed_at", "height")
    return {name: (pk, at, height) for name, pk, at, height in firsts}


def matches(now: datetime) -> dict[str, Matched]:
    """Payouts and receipts of each watched wallet into which pools pay, by its name."""
    watched, found = watched_since(), {}
    payers: dict[str, list[int]] = defaultdict(list)
    # Wallets are the company's; where a partner's pool pays nobody here watches.
    paying = PoolStatement.objects.filter(account__operator__is_company=True)
    for wallet, account in paying.values_list("wallet", "account"):
        payers[wallet].append(account)
    for name in sorted(watched.keys() & payers.keys()):
        pk, _, _ = watched[name]
        rows = PoolPayout.objects.filter(account__in=payers[name])
        due = [Due(row.source_id, row.key, row.amount_sat, row.paid_at) for row in rows]
        outputs = WalletOutput.objects.filter(wallet=pk)
        seen = [Arrived(*row) for row in outputs.values_list("txid", "vout", "sat", "first_seen_at")]
        found[name] = match(due, seen)
    return found


def arrivals(now: datetime) -> Iterator[Found]:
    """What was sent or came since a wallet is watched; what was spent before nobody can tell."""
    watched = watched_since()
    for name, matched in matches(now).items():
        pk, since, height = watched[name]
        late = [one for one in matched.missing if since < one.paid_at < now - ARRIVES_WITHIN]
        for due in late:
            yield Found(MISSING, due.ref, -due.sat, f"payout {due.key} of {due.sat:,} sat is not seen in {name}")
        for one in matched.differs:
            apart = f"{abs(one.off_sat):,} sat {'more' if one.off_sat > 0 else 'less'}"
            words = f"transaction {one.txid} brought {apart} into {name} than its payouts say"
            yield Found(DIFFERS, one.txid, one.off_sat, words)
        fresh = fresh_outputs(pk, height)
        for receipt in (one for one in matched.unknown if one.name in fresh):
            yield Found(
                UNKNOWN, receipt.name, receipt.sat, f"{receipt.sat:,} sat came into {name} of which no pool tells"
            )


def fresh_outputs(wallet: int, height: int) -> set[str]:
    """Outputs in blocks after the first one that was read."""
    rows = WalletOutput.objects.filter(wallet=wallet, height__gt=height).values_list("txid", "vout")
    return {f"{txid}:{vout}" for txid, vout in rows}


# Payouts against the books


def booked(unbooked: Mapping[str, str], now: datetime) -> Iterator[Found]:
    rows = {row.source_id: row for row in posting.waiting(now)} if unbooked else {}
    for source, why in unbooked.items():
        if source in rows:
            words = f"payout {rows[source].key} of {rows[source].account} is not in the books: {why}"
            yield Found(UNBOOKED, source, -rows[source].amount_sat, words)
