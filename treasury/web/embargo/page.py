"""What the page of embargoes and insiders shows, ready to print. It shows no figure, so its keepers see it always."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from treasury.models import EmbargoException, EmbargoWindow, Insider
from treasury.models.journal import may_see
from treasury.proposals import insiders
from treasury.proposals.embargo import Window, binding, windows
from treasury.web.proposals.listing import TREASURY

MOST = 50


@dataclass(frozen=True)
class Told:
    """A window that somebody set. word: where it stands."""

    row: EmbargoWindow
    state: str
    word: str
    may_ask: bool
    may_lift: bool


@dataclass(frozen=True)
class EmbargoPage:
    """now: what holds.   binds_me: of these, what forbids the person to sell.   listed: empty where no list is kept."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    now: tuple[Window, ...]
    binds_me: bool
    told: tuple[Told, ...]
    exceptions: tuple[EmbargoException, ...]
    listed: tuple[Insider, ...]
    gone: tuple[Insider, ...]
    eligible: tuple[User, ...]
    kinds: tuple[tuple[str, str], ...]
    binds: tuple[tuple[str, str], ...]
    may_keep: bool
    may_see: bool
    as_of: datetime


def embargo_page(user: User) -> EmbargoPage:
    now, keeps = clock.now(), insiders.may_keep(user)
    held = tuple(windows(now))
    return EmbargoPage(
        title=title(held),
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb("Embargo", "/treasury/embargo/")),
        now=held,
        binds_me=bool(binding(user, now)),
        told=tuple(told(row, user, keeps, now) for row in EmbargoWindow.objects.all()[:MOST]),
        exceptions=tuple(EmbargoException.objects.select_related("proposal__maker", "sale")[:MOST]),
        listed=tuple(insiders.listed()),
        gone=tuple(Insider.objects.exclude(ended_at=None).select_related("user", "ended_by")[:MOST]),
        eligible=tuple(insiders.eligible().exclude(pk=user.pk)) if keeps else (),
        kinds=tuple((value, str(name)) for value, name in EmbargoWindow.Kind.choices),
        binds=tuple((value, str(name)) for value, name in EmbargoWindow.Binds.choices),
        may_keep=keeps,
        may_see=may_see(user),
        as_of=now,
    )


def title(held: tuple[Window, ...]) -> str:
    """The answer: may coins be sold."""
    if not held:
        return "No embargo: coins may be sold"
    more = f", and {len(held) - 1} more" if len(held) > 1 else ""
    return f"Embargo: {held[0].sentence}{more}"


def told(row: EmbargoWindow, user: User, keeps: bool, now: datetime) -> Told:
    state, word = standing(row, now)
    is_open = keeps and row.lifted_at is None and row.ends_at > now
    asked = row.lift_asked_by_id
    return Told(
        row, state, word, may_ask=is_open and asked is None,
        may_lift=is_open and asked is not None and asked != user.pk,
    )  # fmt: skip


def standing(row: EmbargoWindow, now: datetime) -> tuple[str, str]:
    if row.lifted_at is not None:
        return "unknown", "lifted"
    if row.ends_at <= now:
        return "unknown", "over"
    return ("maintenance", "holds") if row.starts_at <= now else ("stale", "to come")
