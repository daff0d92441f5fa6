"""Keeps what pools list: earnings of days and payouts, each once, whether asked for or sent in as a file.

What was kept stays as it was told first; a pool that tells it otherwise later is a break, and a file that does is
refused whole.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Q

from cango_ops.base import audit, clock
from cango_ops.base.jobs import Job
from cango_ops.base.models import User
from cango_ops.wire import Garbled, NoAnswer
from compute.feeds.pools import PROVIDERS, Credentials
from compute.feeds.pools.account import MAX_SAT, Earning, Payout, Statement
from compute.feeds.pools.paging import Span
from compute.market import fetch, pools
from compute.market.pools import Setting
from compute.models import PoolAccount
from treasury.models import PoolEarning, PoolPayout, PoolStatement
from treasury.pools import statements as files
from treasury.production import breaks
from treasury.production.breaks import Found

EVERY: Final = timedelta(hours=1)
AFTER_FAILURE: Final = timedelta(minutes=10)
FIRST_SPAN: Final = timedelta(days=366)
LOOK_BACK: Final = timedelta(days=45)
# For all the pages of an account together, the pauses between them not counted.
DEADLINE_S: Final = 120.0
RESTATED: Final = "pool_restated"
OLDEST: Final = datetime.fromisoformat("2009-01-03T00:00:00+00:00")


def read_due(configured: Iterable[dict[str, Any]], job: Job) -> None:
    """Asks each account whose lists are due. One that cannot be asked fails the job in words; the others go on."""
    failed = []
    for row in configured:
        try:
            said = read(msgspec.convert(row, Setting))
        except (msgspec.ValidationError, NoAnswer) as why:
            failed.append(f"{row.get('name', '?')}: {why}")
        else:
            job.count(**{"not_due": 1} if said is None else {"read": 1, "new": said})
    if failed:
        job.fail("; ".join(failed)[:400])


def read(setting: Setting) -> int | None:
    """How many rows were new; None where it is not due. Raises NoAnswer, which is kept with the account."""
    provider, account = PROVIDERS.get(setting.provider), pools.known(setting)
    if provider is None or account is None:
        raise NoAnswer("refused", f"no pool {setting.provider!r}" if account else f"no operator {setting.operator!r}")
    now = clock.now()
    statement = of_account(account, setting.wallet)
    mine, span = PoolStatement.objects.filter(pk=statement.pk), span_of(statement, now)
    if mine.filter(Q(next_at=None) | Q(next_at__lte=now)).update(next_at=now + EVERY) != 1:
        return None
    who = Credentials(user=setting.user, token=setting.token, secret=setting.secret, nonce=int(1000 * now.timestamp()))
    try:
        said = fetch.talk(
            setting.url or provider.url, lambda path: provider.statement(who, path, span),
            deadline_s=DEADLINE_S, pause_s=provider.pause_s,
        )  # fmt: skip
        new, restated = keep(account, said, provider_name(setting), now)
    except (NoAnswer, Garbled) as why:
        mine.update(next_at=now + AFTER_FAILURE, failing_reason=str(why)[:300])
        raise NoAnswer("garbled", str(why)) if isinstance(why, Garbled) else why from why
    mine.update(read_at=now, failing_reason="")
    breaks.note({RESTATED}, restated, now, prefix=f"{account.pk}/")
    return new


def span_of(statement: PoolStatement, now: datetime) -> Span:
    """The days that are asked for: a year when the account is first read, and then what may have changed since."""
    since = now - FIRST_SPAN if statement.read_at is None else statement.read_at - LOOK_BACK
    return Span(since.date(), now.date())


def provider_name(setting: Setting) -> str:
    return f"feed of {setting.provider}"


def of_account(account: PoolAccount, wallet: str) -> PoolStatement:
    """The row of the account; a wallet that the settings name is taken over."""
    row = PoolStatement.objects.get_or_create(account=account)[0]
    if wallet and row.wallet != wallet:
        PoolStatement.objects.filter(pk=row.pk).update(wallet=wallet[:100])
    return row


@transaction.atomic
def keep(account: PoolAccount, said: Statement, source: str, now: datetime) -> tuple[int, list[Found]]:
    """How many rows were new, and those that were kept with another amount. Raises Garbled, and keeps nothing."""
    earnings = [] if said.earnings is None else list(said.earnings)
    payouts = [payout for payout in said.payouts if payout.is_final and payout.amount_sat > 0]
    check(earnings, payouts, now)
    PoolAccount.objects.select_for_update(no_key=True).get(pk=account.pk)  # a file and the pool's own list in turn
    days = dict(PoolEarning.objects.filter(account=account).values_list("day", "amount_sat"))
    keys = dict(PoolPayout.objects.filter(account=account).values_list("key", "amount_sat"))
    off = [
        restated(account, f"day {one.day}", days[one.day], one.amount_sat)
        for one in earnings if days.get(one.day, one.amount_sat) != one.amount_sat
    ] + [
        restated(account, f"payout {one.key}", keys[one.key], one.amount_sat)
        for one in payouts if keys.get(one.key, one.amount_sat) != one.amount_sat
    ]  # fmt: skip
    fresh_days = [one for one in earnings if one.day not in days and one.day < now.date()]
    fresh = [one for one in payouts if one.key not in keys]
    PoolEarning.objects.bulk_create(
        [PoolEarning(account=account, source=source[:100], **msgspec.structs.asdict(one)) for one in fresh_days],
        ignore_conflicts=True,
    )
    PoolPayout.objects.bulk_create(
        [
            PoolPayout(
                account=account, key=one.key, paid_at=one.paid_at, amount_sat=one.amount_sat, source=source[:100]
            )
            for one in fresh
        ],
        ignore_conflicts=True,
    )
    return len(fresh_days) + len(fresh), off


def check(earnings: Sequence[Earning], payouts: Sequence[Payout], now: datetime) -> None:
    """Raises Garbled where a list cannot be true."""
    if len({one.day for one in earnings}) < len(earnings):
        raise Garbled("a day is listed twice")
    if len({one.key for one in payouts}) < len(payouts):
        raise Garbled("a payout is listed twice")
    for payout in payouts:
        if payout.key == "?" or not OLDEST < payout.paid_at <= now + timedelta(days=1):
            raise Garbled(f"payout {payout.key[:80]} has no name, or a time that cannot be")
    amounts = [*(one.amount_sat for one in earnings), *(one.amount_sat for one in payouts)]
    if not all(0 <= amount <= MAX_SAT for amount in amounts):
        raise Garbled("an amount beyond all bitcoin")


def restated(account: PoolAccount, what: str, kept_sat: int, told_sat: int) -> Found:
    words = f"{account}: {what} is kept with {kept_sat} sat, and now told with {told_sat} sat"
    return Found(RESTATED, f"{account.pk}/{what}", told_sat - kept_sat, words)


@transaction.atomic
def send(user: User, account: PoolAccount, body: bytes) -> tuple[int, int]:
    """Keeps a CSV or XLSX that a person sent: how many rows it has, and how many were new. Raises Garbled with every
    wrong line, and keeps nothing then.

    Columns ref, sat, paid_at (payouts), or day, sat (earnings), or those of the pool's own site.
    """
    now, digest = clock.now(), hashlib.sha256(body).hexdigest()
    said = parse(body, account.provider)
    new, off = keep(account, said, f"file {digest}", now)
    if off:
        raise Garbled("; ".join(one.words for one in off[:3]) + ": nothing of the file was kept")
    of_account(account, "")
    rows = len(said.payouts) + len(said.earnings or [])
    detail: dict[str, object] = {"sha256": digest, "rows": rows, "new": new}
    audit.record(user, "statement sent", f"pool/{account.name}", detail)
    return rows, new


def parse(body: bytes, provider: str) -> Statement:
    said = files.parse(body, provider)
    payouts = [Payout(key=one.ref[:120], paid_at=one.paid_at, amount_sat=one.sat) for one in said.payouts]
    days = [Earning(day=day, amount_sat=sat) for day, sat in said.days]
    return Statement(payouts=payouts, earnings=days or None)
