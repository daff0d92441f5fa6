"""What the wallets page shows: each wallet at its block beside the books, what left the chain, the sources."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cango_ops.base import crumbs
from cango_ops.base.models import User
from cango_ops.wire import NoAnswer
from sites import rights
from treasury.models import WalletReading
from treasury.money import btc, half_up
from treasury.wallets import keep, sources, standing
from treasury.wallets.standing import Standing

STALE_S: Final = int(standing.FRESH_FOR / timedelta(seconds=1))


@dataclass(frozen=True)
class Row:
    """A wallet. mark: tells its descriptor from another without saying it."""

    now: Standing
    mark: str
    is_off: bool


@dataclass(frozen=True)
class WalletsPage:
    """sources: those that the settings name.   wrong: why a form was not taken; what was written is not shown again."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    as_of: datetime
    rows: tuple[Row, ...]
    said_sat: int | None
    ledger_sat: int
    immature_sat: int
    pending_sat: int
    off: int
    height: int | None
    orphaned: tuple[WalletReading, ...]
    sources: tuple[str, ...]
    source_trouble: str
    may: bool
    stale_s: int
    wrong: str


def wallets_page(user: User, now: datetime, wrong: str = "") -> WalletsPage:
    names, trouble = source_names()
    found = standing.standings(now, names)
    rows = tuple(Row(one, keep.mark(one.wallet), bool(one.off_sat)) for one in found)
    readings = [one.reading for one in found if one.reading is not None]
    said = [one.said_sat for one in found if one.said_sat is not None]
    return WalletsPage(
        title=title(found),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/"), crumbs.Crumb("Wallets", "/treasury/wallets/")),
        as_of=now,
        rows=rows,
        said_sat=sum(said) if said else None,
        ledger_sat=sum(one.ledger_sat for one in found),
        immature_sat=sum(one.immature_sat for one in readings),
        pending_sat=sum(one.pending_sat for one in readings),
        off=sum(row.is_off for row in rows),
        height=max((one.height for one in readings), default=None),
        orphaned=tuple(one for row in found for one in row.orphaned),
        sources=names,
        source_trouble=trouble,
        may=rights.may(user, rights.RECONCILE),
        stale_s=STALE_S,
        wrong=wrong,
    )


def source_names() -> tuple[tuple[str, ...], str]:
    try:
        return tuple(source.name for source in sources.configured()), ""
    except NoAnswer as why:
        return (), str(why)


def title(found: list[Standing]) -> str:
    """The answer: what is off first, then what nobody could read, then what is there."""
    off = [one for one in found if one.off_sat]
    blind = [one for one in found if one.said_sat is None or one.state == "stale"]
    wallets = f"{len(found)} wallet{'' if len(found) == 1 else 's'}"
    if off:
        return f"{len(off)} of {wallets} differ{'s' if len(off) == 1 else ''} from the books"
    if blind:
        return f"{len(blind)} of {wallets} {'is' if len(blind) == 1 else 'are'} not known now"
    if not found:
        return "No wallet is watched yet"
    held = half_up(btc(sum(one.said_sat or 0 for one in found)), 2)
    return f"{held:,f} BTC are where the books say"
