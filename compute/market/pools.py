"""Asks each pool account that is due, and keeps what it said; the newest reading, with its age, is what pages show.

An account is claimed before it is asked, by moving its next time on in one conditional update: two workers never ask
the same pool at once, and a killed one costs one turn. After failures in a row the next time is doubled, at most
sixteenfold, so that a pool that refuses is left in peace.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from cango_ops.base import clock
from cango_ops.base.jobs import Job
from cango_ops.wire import NoAnswer
from compute.feeds.pools import PROVIDERS, Credentials, Provider
from compute.feeds.pools.account import Account
from compute.market import fetch
from compute.models import PoolAccount, PoolReading
from sites.models import Operator

FRESH_FOR: Final = timedelta(minutes=15)
KEEP: Final = timedelta(days=100)
MOST_DOUBLINGS: Final = 4
FIELDS: Final = (
    *("hashrate_now_ths", "hashrate_1h_ths", "hashrate_24h_ths", "workers_active", "workers_inactive"),
    *("balance_sat", "earned_24h_sat", "rejected_pct"),
)


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account as the settings name it. url: the pool's own where it is empty.   wallet: of the books, into which it
    pays."""

    name: str
    operator: str
    provider: str
    url: str = ""
    user: str = ""
    token: str = ""
    secret: str = ""
    wallet: str = ""


@dataclass(frozen=True)
class Standing:
    """An account with its newest reading. is_stale: read longer ago than FRESH_FOR, or never."""

    account: PoolAccount
    reading: PoolReading | None
    is_stale: bool

    @property
    def state(self) -> str:
        return "unknown" if self.reading is None else "stale" if self.is_stale else "ok"


def read_due(configured: Iterable[dict[str, Any]], job: Job) -> None:
    """Asks what is due. An account that cannot be asked fails the job in words; the others are still asked."""
    failed = []
    for row in configured:
        try:
            setting = msgspec.convert(row, Setting)
            said = read(setting)
        except (msgspec.ValidationError, NoAnswer) as why:
            failed.append(f"{row.get('name', '?')}: {why}")
        else:
            job.count(**{"read" if said else "not_due": 1})
    forgotten, _ = PoolReading.objects.filter(observed_at__lt=clock.now() - KEEP).delete()
    job.count(forgotten=forgotten)
    if failed:
        job.fail("; ".join(failed)[:400])


def read(setting: Setting) -> PoolReading | None:
    """The reading that was kept; None where the account is not due. Raises NoAnswer, which is kept with the account."""
    provider, account = PROVIDERS.get(setting.provider), known(setting)
    if provider is None or account is None:
        raise NoAnswer("refused", f"no pool {setting.provider!r}" if account else f"no operator {setting.operator!r}")
    now = clock.now()
    if not claimed(account, provider, now):
        return None
    who = Credentials(user=setting.user, token=setting.token, secret=setting.secret, nonce=int(1000 * now.timestamp()))
    try:
        said = fetch.talk(setting.url or provider.url, lambda path: provider.read(who, path), pause_s=provider.pause_s)
    except NoAnswer as why:
        failed(account, provider, now, why)
        raise
    return keep(account, said, now)


def known(setting: Setting) -> PoolAccount | None:
    operator = Operator.objects.filter(code=setting.operator).first()
    if operator is None:
        return None
    defaults = {"operator": operator, "provider": setting.provider}
    return PoolAccount.objects.update_or_create(name=setting.name[:60], defaults=defaults)[0]


def claimed(account: PoolAccount, provider: Provider, now: datetime) -> bool:
    due = Q(next_at=None) | Q(next_at__lte=now)
    next_at = now + timedelta(seconds=provider.at_most_every_s)
    return PoolAccount.objects.filter(due, pk=account.pk).update(next_at=next_at) == 1


def failed(account: PoolAccount, provider: Provider, now: datetime, why: NoAnswer) -> None:
    """The account is asked again after its doubled pause, or later where the pool says when."""
    pause_s = provider.at_most_every_s * 2 ** min(account.failures + 1, MOST_DOUBLINGS)
    wait = timedelta(seconds=max(pause_s, why.retry_after_s or 0))
    mine = PoolAccount.objects.filter(pk=account.pk)
    mine.filter(failing_since=None).update(failing_since=now)
    mine.update(failures=F("failures") + 1, failing_reason=str(why)[:200], next_at=now + wait)


def keep(account: PoolAccount, said: Account, now: datetime) -> PoolReading:
    workers = [[worker.name, worker.hashrate_ths, worker.is_active] for worker in said.workers or []]
    with transaction.atomic():
        PoolAccount.objects.filter(pk=account.pk).update(failures=0, failing_since=None, failing_reason="")
        return PoolReading.objects.create(
            account=account, observed_at=now, workers=workers, **{field: getattr(said, field) for field in FIELDS}
        )


def standings(accounts: Sequence[PoolAccount]) -> list[Standing]:
    """Each account with its newest reading, in two queries."""
    newest = PoolReading.objects.filter(account=OuterRef("pk")).order_by("-observed_at").values("pk")[:1]
    ids = PoolAccount.objects.filter(pk__in=[account.pk for account in accounts]).values_list(Subquery(newest))
    by_account = {reading.account_id: reading for reading in PoolReading.objects.filter(pk__in=ids)}
    now = clock.now()
    return [
        Standing(account, reading, reading is None or now - reading.observed_at > FRESH_FOR)
        for account in accounts
        for reading in [by_account.get(account.pk)]
    ]
