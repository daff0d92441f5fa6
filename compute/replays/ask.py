"""Asking for a back-test, and stopping one. By right, once, on record; the past is kept with it as it is now."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction

from cango_ops.base import audit
from cango_ops.base.clock import database_now
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from compute.backtest.run import POLICIES
from compute.models import Backtest
from compute.replays.past import Past, frozen
from sites import rights
from sites.models import Site

MOST_LAG: Final = 24
# How many of a site are kept; the oldest go, an open one never.
MOST_KEPT: Final = 50
State = Backtest.State


class BacktestRefused(ValueError):
    """Why it is not run. is_right: because the person may not."""

    def __init__(self, words: str, *, is_right: bool = False) -> None:
        super().__init__(words)
        self.is_right = is_right


@dataclass(frozen=True)
class Wish:
    """request_id: made by whoever asks."""

    request_id: uuid.UUID
    policies: tuple[str, ...]
    lag: int = 0


def ask_for(actor: User, site: Site, wish: Wish, past: Past) -> Backtest:
    """The back-test of that id, waiting for a worker; asked for again it is the same. Raises BacktestRefused."""
    may_run(actor, site)
    if known := asked_before(site, wish):
        return known
    check(wish)
    try:
        with transaction.atomic():
            forget_old(site)
            made = Backtest.objects.create(
                request_id=wish.request_id, site=site, asked_by=actor, asked_at=database_now(),
                source=past.source[:120], begin_local=past.begin_local, policies=ordered(wish.policies), lag=wish.lag,
                inputs=frozen(past.history), notes=list(past.notes),
                steps=past.history.truth.steps * len(wish.policies),
            )  # fmt: skip
            detail: dict[str, object] = {"backtest": made.pk, "source": past.source, "policies": made.policies}
            audit.record(actor, "backtest.asked", f"site/{site.code}", detail)
    except IntegrityError:
        if known := asked_before(site, wish):  # the same asking, sent twice, was quicker
            return known
        raise BacktestRefused("A back-test of the site is running already; stop it, or wait for its end.") from None
    return made


def asked_before(site: Site, wish: Wish) -> Backtest | None:
    return Backtest.objects.filter(request_id=wish.request_id, site=site).first()


def check(wish: Wish) -> None:
    if not wish.policies or not set(wish.policies) <= set(POLICIES):
        raise BacktestRefused(f"Choose at least one policy of {', '.join(POLICIES)}.")
    if not 0 <= wish.lag <= MOST_LAG:
        raise BacktestRefused(f"The lag is from 0 to {MOST_LAG} hours.")


def ordered(policies: Collection[str]) -> list[str]:
    """The quick ones first, so that there is soon something to look at."""
    return sorted(policies, key=list(POLICIES).index)


def forget_old(site: Site) -> None:
    ended = Backtest.objects.filter(site=site).exclude(state__in=Backtest.OPEN).order_by("-asked_at")
    kept = list(ended.values_list("pk", flat=True)[: MOST_KEPT - 1])
    ended.exclude(pk__in=kept).delete()


def stop(actor: User, backtest: Backtest) -> bool:
    """Ends an open back-test; what its policies have earned so far is kept. False where it had ended."""
    may_run(actor, backtest.site)
    with transaction.atomic():
        ended = any(move(backtest, "state", old, State.STOPPED, finished_at=database_now()) for old in Backtest.OPEN)
        if ended:
            audit.record(actor, "backtest.stopped", f"site/{backtest.site.code}", {"backtest": backtest.pk})
    return ended


def may_run(actor: User, site: Site) -> None:
    if not rights.may(actor, rights.APPROVE, site):
        raise BacktestRefused("Your role at this site does not allow back-tests.", is_right=True)
