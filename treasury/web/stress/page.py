"""What the stress page shows: price, hashprice and rate together, how far the price may fall, what acts change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from cango_ops.base import crumbs
from treasury.earnings.operation import Running, running
from treasury.equity.worth import amounts_on
from treasury.lending.effect import Act, NotPossible, after
from treasury.lending.falls import covered, furthest, no_call, no_sale
from treasury.lending.grid import Cell, Operation, grid
from treasury.lending.mark import CALLED, Status
from treasury.lending.stress import Owed, Scenario, scenario
from treasury.lending.stress import Position as Standing
from treasury.loans.position import Position, position
from treasury.models import Loan
from treasury.money import half_up, percent, usd_of
from treasury.web.stress.heat import Square, heat_map, signed_pct

PRICES_PCT: Final = tuple(Decimal(step) for step in (20, 0, -10, -20, -30, -40, -50, -60))
HASHPRICES_PCT: Final = tuple(Decimal(step) for step in (20, 0, -20, -40, -60))
RATES: Final = tuple(Decimal(step) for step in (-1, 0, 1, 2, 4))
SOON_MONTHS: Final = Decimal(6)
TEN_YEARS: Final = Decimal(120)
NOTHING: Final = Operation(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Line:
    """A line of the map's table twin."""

    hashprice_pct: Decimal
    cells: tuple[tuple[Cell, Square], ...]


@dataclass(frozen=True)
class Room:
    """How far the price may fall. pct None: it has happened already.   price_usd: where that is."""

    name: str
    pct: Decimal | None
    price_usd: Decimal | None
    words: str


@dataclass(frozen=True)
class Standings:
    """The figures that an act changes."""

    free_sat: int
    pledged_sat: int
    cash_usd: Decimal
    debt_usd: Decimal
    ltv_pct: Decimal | None
    to_call_pct: Decimal | None
    equity_usd: Decimal
    runway_months: Decimal | None
    monthly_usd: Decimal | None


@dataclass(frozen=True)
class Effect:
    """before and after an act; why_not: it cannot be done."""

    before: Standings
    after: Standings | None
    why_not: str


@dataclass(frozen=True)
class StressPage:
    """standing None: there is no fresh price; words say why. heat empty then.   said: the address, as it was
    typed; kept: of it what a choice of the rate keeps; wrong: what of the act is not understood."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    now: Position
    running: Running
    rate: Decimal
    rates: tuple[Decimal, ...]
    rooms: tuple[Room, ...]
    heat: SafeString | None
    prices: tuple[Decimal, ...]
    lines: tuple[Line, ...]
    effect: Effect | None
    act: Act | None
    said: Mapping[str, str]
    kept: str
    wrong: str


def stress_page(now: datetime, rate: Decimal, act: Act | None, said: Mapping[str, str], wrong: str = "") -> StressPage:
    held = position(now)
    standing = standing_of(now, held)
    found = running(now)
    lines = tuple(lines_of(standing, found.operation, rate)) if standing else ()
    rooms = rooms_of(standing) if standing and standing.loans else ()
    return StressPage(
        title=title(held, rooms),
        crumbs=(crumbs.COMPANY, crumbs.Crumb("Treasury", "/treasury/"), crumbs.Crumb("Stress", "/treasury/stress/")),
        now=held,
        running=found,
        rate=rate,
        rates=RATES,
        rooms=rooms,
        heat=heat(lines, rate) if lines else None,
        prices=PRICES_PCT,
        lines=lines,
        effect=effect(standing, found.operation, act) if standing and act else None,
        act=act,
        said=said,
        kept=urlencode({name: said[name] for name in ("act", "amount", "loan") if said.get(name)}),
        wrong=wrong,
    )


def standing_of(now: datetime, held: Position) -> Standing | None:
    """What the company owns and owes now; None without a fresh price."""
    if held.quote.price_usd is None:
        return None
    terms = {loan.code: loan for loan in Loan.objects.prefetch_related("events")}
    usd = {amount.name: amount.usd or Decimal(0) for amount in amounts_on(now, held)}
    owed = [
        Owed(loan.code, terms[loan.code].terms, loan.debt_usd, loan.collateral_sat, drawn_at(terms[loan.code]))
        for loan in held.loans
    ]
    beside = usd["Other net assets"] - usd["Preferred shares"] - (usd["Debt"] - held.debt_usd)
    return Standing(held.quote.price_usd, held.free_sat, usd["Cash"], beside, owed)


def drawn_at(loan: Loan) -> Decimal | None:
    """The price at the last drawdown that names one."""
    prices = [event.price_usd for event in loan.events.all() if event.kind == "draw" and event.price_usd]
    return prices[-1] if prices else None


def title(held: Position, rooms: Sequence[Room]) -> str:
    """The answer: how far bitcoin may fall before the first call."""
    if held.quote.price_usd is None:
        return f"Nothing can be stressed: {held.quote.words}"
    if not rooms:
        return "No loan is written down: no fall of the price calls anything"
    first = rooms[0]
    if first.pct is None:
        return "A loan is called at the price of now"
    return f"Bitcoin may fall {half_up(first.pct, 1)} % before the first call"


def rooms_of(standing: Standing) -> tuple[Room, ...]:
    asked = (
        ("First call", no_call, "a lender asks for coins"),
        ("Free coins no longer meet the calls", covered, "coins must be bought, or loans repaid"),
        ("First sale", no_sale, "a lender may sell the collateral"),
    )
    return tuple(room(standing, name, furthest(standing, holds), words) for name, holds, words in asked)


def room(standing: Standing, name: str, pct: Decimal | None, words: str) -> Room:
    price = None if pct is None else half_up(standing.price_usd * (100 - pct) / 100, 2)
    return Room(name, pct, price, words)


def lines_of(standing: Standing, operation: Operation | None, rate: Decimal) -> list[Line]:
    """Without an operation the hashprice changes nothing that is known: one line."""
    downs = HASHPRICES_PCT if operation else (Decimal(0),)
    cells = grid(standing, operation or NOTHING, PRICES_PCT, downs, [rate])
    judged = {loan.name for loan in standing.loans if loan.terms.is_secured or loan.collateral_sat}
    return [
        Line(down, tuple((cell, square(cell, operation, judged)) for cell in cells if cell.hashprice_pct == down))
        for down in downs
    ]


def square(cell: Cell, operation: Operation | None, judged: Collection[str]) -> Square:
    """judged: names of the loans that coins stand for."""
    statuses = [mark.status for name, mark in cell.scenario.loans.items() if name in judged]
    lasting = lasts(cell) if operation else "not known"
    if Status.LIQUIDATION in statuses or Status.UNCOLLATERALISED in statuses:
        return Square("critical", "sale", lasting)
    if not cell.scenario.can_cover_in_kind:
        return Square("critical", "call, short", lasting)
    if cell.scenario.covenant_ok is False:
        return Square("critical", "covenant", lasting)
    if any(status in CALLED for status in statuses):
        return Square("warning", "call", lasting)
    is_short = operation and cell.runway_with_coins_months is not None and cell.runway_with_coins_months < SOON_MONTHS
    return Square("warning", "runway", lasting) if is_short else Square("ok", "no call", lasting)


def lasts(cell: Cell) -> str:
    months = cell.runway_with_coins_months
    if months is None:
        return "lasts"
    if months >= TEN_YEARS:
        return "> 10 years"
    return f"{months:,.1f} months"


def heat(lines: Sequence[Line], rate: Decimal) -> SafeString:
    rows = [(signed_pct(line.hashprice_pct), [one for _, one in line.cells]) for line in lines]
    calm = sum(one.state == "ok" for _, squares in rows for one in squares)
    total = sum(len(squares) for _, squares in rows)
    said = f"Stress map, rates {rate:+} points: {calm} of {total} combinations without a call; table below"
    return heat_map([signed_pct(pct) for pct in PRICES_PCT], rows, said)


def effect(standing: Standing, operation: Operation | None, act: Act) -> Effect:
    before = standings(standing, operation)
    try:
        return Effect(before, standings(after(standing, act), operation), "")
    except NotPossible as why:
        return Effect(before, None, str(why))


def standings(standing: Standing, operation: Operation | None) -> Standings:
    now: Scenario = scenario(standing, Decimal(0))
    debt = sum((loan.debt_usd for loan in standing.loans), Decimal("0.00"))
    pledged = sum(loan.collateral_sat for loan in standing.loans)
    cell = grid(standing, operation, [Decimal(0)], [Decimal(0)], [Decimal(0)])[0] if operation else None
    return Standings(
        free_sat=standing.unpledged_sat,
        pledged_sat=pledged,
        cash_usd=standing.cash_usd,
        debt_usd=debt,
        ltv_pct=percent(debt, usd_of(pledged, standing.price_usd), 2),
        to_call_pct=furthest(standing, no_call),
        equity_usd=now.equity_usd,
        runway_months=cell.runway_with_coins_months if cell else None,
        monthly_usd=cell.monthly_usd if cell else None,
    )
