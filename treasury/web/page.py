"""What the treasury page shows: held, pledged and free; every loan beside its call; what a fall would do; the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString

from cango_ops.base import crumbs
from treasury.books import queries
from treasury.books.queries import Quantities
from treasury.earnings.operation import running
from treasury.lending.mark import CALLED, Mark, Status
from treasury.lending.stress import Position as Standing
from treasury.lending.stress import Scenario, scenario
from treasury.loans.position import LoanNow, Position, position
from treasury.money import btc, half_up
from treasury.web.price_axis import price_axis
from treasury.web.stress.page import heat, lines_of, standing_of
from treasury.web.waterfall import waterfall

SHOCKS_PCT: Final = tuple(Decimal(shock) for shock in (0, -10, -20, -30, -40, -50, -60))
MOST_WALLETS: Final = 12
AS_NOW: Final = Decimal(0)  # points more on the rates of the loans


@dataclass(frozen=True)
class Cell:
    """A loan after a fall of the price."""

    ltv_pct: Decimal | None
    state: str
    words: str


@dataclass(frozen=True)
class Fall:
    """All loans after a fall of the price. cells: in the order of the loans."""

    shock_pct: Decimal
    price_usd: Decimal
    cells: tuple[Cell, ...]
    top_up_sat: int | None
    free_sat_after: int | None
    is_covered: bool


@dataclass(frozen=True)
class TreasuryPage:
    """axis, falls: empty where there is no price or no loan.   heat: the stress map at the rates of now."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    now: Position
    axis: SafeString
    heat: SafeString | None
    falls: tuple[Fall, ...]
    month: Quantities
    month_start: datetime
    waterfall: SafeString
    wallets: tuple[tuple[str, int], ...]
    more_wallets: int


def treasury_page(now: datetime) -> TreasuryPage:
    standing = position(now)
    stressed = standing_of(now, standing) if standing.loans else None
    operation = running(now).operation if stressed else None
    month = queries.rollforward(start_of(now), now, "").quantities
    wallets = sorted(((name, sat) for name, sat in standing.wallets_sat.items() if sat), key=lambda one: -one[1])
    return TreasuryPage(
        title=title(standing),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/")),
        now=standing,
        axis=price_axis(standing.loans, standing.quote.price_usd),
        heat=heat(lines_of(stressed, operation, AS_NOW), AS_NOW) if stressed else None,
        falls=tuple(falls(stressed, standing.loans)),
        month=month,
        month_start=start_of(now),
        waterfall=waterfall(month),
        wallets=tuple(wallets[:MOST_WALLETS]),
        more_wallets=max(0, len(wallets) - MOST_WALLETS),
    )


def title(now: Position) -> str:
    """The answer: what is wrong, else what is held and how far the first call is."""
    called = [loan.code for loan in now.loans if loan.mark and loan.mark.status in CALLED]
    held = f"{half_up(btc(now.held_sat), 2):,f} BTC held"
    if called:
        wanted = "" if now.top_up_sat is None else f": {half_up(btc(now.top_up_sat), 2):,f} BTC wanted"
        return f"{', '.join(called)} called{wanted}"
    if now.loans and now.quote.price_usd is None:
        return f"{held}; no loan can be judged: {now.quote.words}"
    if now.nearest_pct is not None:
        return f"{held}, {half_up(now.nearest_pct, 1)} % from the first call"
    return held if now.held_sat else "No bitcoin is booked yet"


def start_of(now: datetime) -> datetime:
    """Of the month, UTC."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def falls(standing: Standing | None, loans: Sequence[LoanNow]) -> list[Fall]:
    """What each fall of the price would do."""
    return [] if standing is None else [fall(scenario(standing, shock), loans) for shock in SHOCKS_PCT]


def fall(found: Scenario, loans: Sequence[LoanNow]) -> Fall:
    marks = [found.loans[loan.code] for loan in loans]
    return Fall(
        shock_pct=found.shock_pct,
        price_usd=found.price_usd,
        cells=tuple(cell(loan, mark) for loan, mark in zip(loans, marks, strict=True)),
        top_up_sat=found.total_top_up_sat,
        free_sat_after=found.unpledged_sat_after,
        is_covered=found.can_cover_in_kind,
    )


def cell(loan: LoanNow, mark: Mark) -> Cell:
    if not loan.is_secured:
        return Cell(mark.ltv_pct, loan.state, loan.reason)
    return Cell(mark.ltv_pct, state_of(mark.status), mark.status.replace("_", " "))


def state_of(status: Status) -> str:
    if status in (Status.LIQUIDATION, Status.UNCOLLATERALISED):
        return "critical"
    return "warning" if status is Status.MARGIN_CALL else "ok"
