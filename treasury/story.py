"""What Cango published of its first year and a half of mining, as facts, loan events and money. Pure.

A reconstruction: bitcoin of each month, the stock at each month-end, the sale of 4,451 BTC in February 2026, debt at
quarter-ends, cost of a bitcoin by quarter, cash and the raises are what the company published; prices are those of the
day. Days, wallets, dates of draws and pledges, and everything after March 2026 are made up. Where a published figure is
rounded, satoshis are chosen so that the next one ties: 7,528.35 BTC at the end of 2025.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold
from treasury.ledger.journal import CASH, CONVERSION, Leg
from treasury.lending.course import Event, Kind, run
from treasury.lending.terms import DayCount, Interest, Terms
from treasury.money import cents, usd_of

SAT: Final = 100_000_000
BEGAN: Final = date(2024, 11, 12)
POOL: Final = "pool-hot"
COLD: Final = ("cold-1", "cold-2", "cold-3")
LOAN: Final = "ANT-1"
MADE_UP: Final = "made up"
PUBLISHED: Final = "reconstruction from published figures"
FEE_SAT: Final = 4_200
MONDAY: Final = 0
# Bitcoin mined by month; January 2025 and March 2026 follow from the stock and the quarter.
MINED: Final = {
    (2024, 11): "363.9", (2024, 12): "569.9", (2025, 1): "538.2", (2025, 2): "472.7", (2025, 3): "530.1",
    (2025, 4): "469.99", (2025, 5): "484.45", (2025, 6): "450.0", (2025, 7): "650.5", (2025, 8): "663.7",
    (2025, 9): "616.6", (2025, 10): "602.6", (2025, 11): "546.7", (2025, 12): "569.01", (2026, 1): "496.35",
    (2026, 2): "454.83", (2026, 3): "314.79",
}  # fmt: skip
MINED_LATER: Final = "10.15"  # a day
# Day, bitcoin, currency. The first sale of February is the published one.
SALES: Final = (
    (date(2026, 1, 20), "550.03", "USD"), (date(2026, 2, 7), "4451", "USDT"), (date(2026, 2, 20), "165.10", "USD"),
    (date(2026, 3, 12), "2602.5", "USD"),
)  # fmt: skip
# What the sale of February brought by bitcoin: 305 million dollars for 4,451.
SOLD_AT: Final = {date(2026, 2, 7): Decimal("68523.93")}
SOLD_LATER: Final = "300"  # a month, on the 25th
# Day, dollars; principal is 17,067,978 at the end of 2024, 225,204,003, 405.1, 557.6 and 30.6 million at quarter-ends.
DRAWS: Final = (
    (date(2024, 12, 16), "17067978"), (date(2025, 2, 14), "60000000"), (date(2025, 4, 15), "60000000"),
    (date(2025, 6, 16), "88136025"), (date(2025, 7, 15), "90000000"), (date(2025, 9, 15), "89895997"),
    (date(2025, 10, 15), "76250000"), (date(2025, 12, 10), "76250000"),
)  # fmt: skip
REPAID: Final = (
    (date(2026, 2, 9), "305000000"), (date(2026, 2, 27), "82000000"), (date(2026, 3, 20), "140000000"),
)  # fmt: skip
# Day, bitcoin that the lender holds after it.
PLEDGED: Final = (
    (date(2024, 12, 30), 780), (date(2025, 3, 31), 2330), (date(2025, 6, 30), 3750), (date(2025, 9, 30), 5760),
    (date(2025, 12, 30), 7400), (date(2026, 1, 19), 6900), (date(2026, 2, 6), 2500), (date(2026, 3, 11), 750),
)  # fmt: skip
# Cash cost of a bitcoin from a day on, dollars; the last one is the press's of March 2026.
COSTS: Final = (
    (date(2024, 1, 1), "67769.90"), (date(2025, 1, 1), "70602.10"), (date(2025, 4, 1), "83091"),
    (date(2025, 7, 1), "81072"), (date(2025, 10, 1), "84500"), (date(2026, 1, 1), "76928"), (date(2026, 3, 1), "68200"),
)  # fmt: skip
OPENING_CASH: Final = "500000000"
RAISES: Final = ((date(2026, 2, 12), "10500000"), (date(2026, 2, 27), "65000000"))
# Cash that was published for a day's end: what is missing to it went into machines, deposits and other things.
CASH_AT: Final = ((date(2025, 6, 30), "117792694"), (date(2025, 9, 30), "44900000"), (date(2025, 12, 31), "41200000"))
# Price of a bitcoin at the end of a day, dollars.
PRICES: Final = (
    (date(2024, 11, 12), "88193.92"), (date(2024, 11, 30), "96565.70"), (date(2024, 12, 31), "93373.52"),
    (date(2025, 1, 31), "102231.71"), (date(2025, 2, 28), "84116.05"), (date(2025, 3, 31), "82291.37"),
    (date(2025, 4, 30), "94352.92"), (date(2025, 5, 31), "104710.47"), (date(2025, 6, 30), "107163.82"),
    (date(2025, 7, 31), "116120.39"), (date(2025, 8, 31), "108563.81"), (date(2025, 9, 30), "113699.81"),
    (date(2025, 10, 31), "109678.04"), (date(2025, 11, 30), "90942.54"), (date(2025, 12, 31), "87291.86"),
    (date(2026, 1, 31), "78489.63"), (date(2026, 2, 7), "69184.54"), (date(2026, 2, 28), "66909.88"),
    (date(2026, 3, 31), "68266.98"), (date(2026, 4, 30), "76106.22"), (date(2026, 5, 31), "73844.88"),
    (date(2026, 6, 30), "58366.80"), (date(2026, 7, 31), "63009.37"),
)  # fmt: skip
TERMS: Final = Terms(
    Decimal("0.065"), DayCount.ACT_360, Interest.PAID, Decimal("0.70"), Decimal("0.80"), Decimal("0.90")
)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Money:
    """An entry of dollars alone."""

    source: str
    kind: str
    at: datetime
    legs: tuple[Leg, ...]
    evidence: str


@dataclass(frozen=True)
class LoanStep:
    """Something that happened to the loan. wallet: of coins."""

    source: str
    kind: Kind
    on: date
    sat: int = 0
    usd: Decimal = Decimal("0.00")
    wallet: str = ""


@dataclass
class Story:
    """What is told, in the order of time, and the balances behind it."""

    today: date
    price_now_usd: Decimal
    facts: list[Fact] = field(default_factory=list)
    steps: list[LoanStep] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    wallets: dict[str, int] = field(default_factory=dict)
    pledged: dict[str, int] = field(default_factory=dict)
    cash_usd: Decimal = Decimal(0)
    sold_sat: int = 0

    def price(self, day: date) -> Decimal:
        """Between the known ends of days on a straight line."""
        known = [(on, Decimal(usd)) for on, usd in PRICES if on < self.today] + [(self.today, self.price_now_usd)]
        place = min(max(1, bisect_right(known, (day, Decimal(0)))), len(known) - 1) if len(known) > 1 else 0
        (before, low), (after, high) = known[max(0, place - 1)], known[place]
        share = Decimal((day - before).days) / max(1, (after - before).days)
        return cents(low + (high - low) * share)


def told(today: date, price_now_usd: Decimal) -> Story:
    """The story up to yesterday."""
    story = Story(today, price_now_usd)
    take_cash(story, "opening", "opening cash", BEGAN, Decimal(OPENING_CASH), "Equity:Opening", PUBLISHED)
    for day in days(BEGAN, today):
        # What happens to the loan is dated at midnight, before anything else of the day.
        pledge(story, day)
        owe(story, day)
        mine(story, day)
        sweep(story, day)
        sell(story, day)
        pay(story, day)
    return story


def days(first: date, end: date) -> Iterator[date]:
    for number in range((end - first).days):
        yield first + number * ONE_DAY


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def sat(bitcoin: str) -> int:
    return int(Decimal(bitcoin) * SAT)


def mined_on(day: date) -> int:
    """An equal part of the month's, the rest on its last day."""
    month = MINED.get((day.year, day.month))
    if month is None:
        return sat(MINED_LATER)
    last = monthrange(day.year, day.month)[1]
    first = BEGAN.day if (day.year, day.month) == (BEGAN.year, BEGAN.month) else 1
    part = sat(month) // (last - first + 1)
    return sat(month) - part * (last - first) if day.day == last else part


def mine(story: Story, day: date) -> None:
    amount, price = mined_on(day), story.price(day)
    story.facts.append(
        Acquired(at(day, 0), 0, f"demo/{day}/mined", Origin.MINED, POOL, f"{day}", amount, usd_of(amount, price), price)
    )
    story.wallets[POOL] = story.wallets.get(POOL, 0) + amount


def sweep(story: Story, day: date) -> None:
    """On Mondays the pool's wallet is emptied into a cold one, but for the fee of the next time."""
    amount = story.wallets[POOL] - 2 * FEE_SAT
    if day.weekday() != MONDAY or amount <= 0:
        return
    target = COLD[day.toordinal() // 7 % len(COLD)]
    ends = Place("wallet", POOL), Place("wallet", target)
    story.facts.append(Moved(at(day, 12), 0, f"demo/{day}/transfer", *ends, amount, FEE_SAT, story.price(day)))
    story.wallets[POOL] -= amount + FEE_SAT
    story.wallets[target] = story.wallets.get(target, 0) + amount


def pledge(story: Story, day: date) -> None:
    """Up or down to what the lender holds after the day."""
    wanted = next((coins * SAT for on, coins in PLEDGED if on == day), None)
    if wanted is None:
        return
    change = wanted - sum(story.pledged.values())
    kind, own = (Kind.PLEDGE, story.wallets) if change > 0 else (Kind.RELEASE, story.pledged)
    for wallet, amount in taken(own, abs(change)):
        story.steps.append(LoanStep(f"demo/{LOAN}/{day}/{wallet}", kind, day, amount, wallet=wallet))
        sign = 1 if kind is Kind.PLEDGE else -1
        story.wallets[wallet] = story.wallets.get(wallet, 0) - sign * amount
        story.pledged[wallet] = story.pledged.get(wallet, 0) + sign * amount


def taken(balances: dict[str, int], amount: int) -> list[tuple[str, int]]:
    """So much out of the cold wallets, one after the other."""
    found = []
    for wallet in COLD:
        part = min(amount, balances.get(wallet, 0))
        if part:
            found.append((wallet, part))
            amount -= part
    assert not amount, f"{amount} sat short"
    return found


def sell(story: Story, day: date) -> None:
    later = day > SALES[-1][0] and day.month != SALES[-1][0].month and day.day == 25
    planned = [(bitcoin, currency) for on, bitcoin, currency in SALES if on == day]
    for bitcoin, currency in [*planned, *([(SOLD_LATER, "USD")] if later else [])]:
        for wallet, amount in taken(story.wallets, sat(bitcoin)):
            price = SOLD_AT.get(day) or story.price(day)
            story.facts.append(
                Sold(at(day, 15), 0, f"demo/{day}/sale/{wallet}", wallet, amount, price, currency=currency)
            )
            story.wallets[wallet] -= amount
            settle(story, day, wallet, usd_of(amount, price), currency)
        story.sold_sat += sat(bitcoin)


def settle(story: Story, day: date, wallet: str, usd: Decimal, currency: str) -> None:
    """What came in another currency is changed at par."""
    story.cash_usd += usd
    if currency != "USD":
        legs = (
            Leg(CASH, currency, -usd), Leg(CONVERSION, currency, usd),
            Leg(CASH, "USD", usd), Leg(CONVERSION, "USD", -usd),
        )  # fmt: skip
        story.money.append(Money(f"demo/{day}/changed/{wallet}", "conversion", at(day, 16), legs, MADE_UP))


def owe(story: Story, day: date) -> None:
    """Draws, repayments, and on the first of each month the interest that was billed."""
    for on, usd in DRAWS:
        if on == day:
            borrow(story, day, Kind.DRAW, cents(Decimal(usd)))
    billed = interest_due(story, day) if day.day == 1 else Decimal(0)
    if billed:
        borrow(story, day, Kind.REPAY, billed)
    for on, usd in REPAID:
        if on == day:
            borrow(story, day, Kind.REPAY, cents(Decimal(usd)))


def borrow(story: Story, day: date, kind: Kind, usd: Decimal) -> None:
    story.steps.append(LoanStep(f"demo/{LOAN}/{day}/{kind.value}", kind, day, usd=usd))
    story.cash_usd += usd if kind is Kind.DRAW else -usd


def interest_due(story: Story, day: date) -> Decimal:
    events = [
        Event(step.on, number, step.kind, step.sat, step.usd)
        for number, step in enumerate(story.steps)
        if step.kind in (Kind.DRAW, Kind.REPAY)
    ]
    return run(TERMS, events, day - ONE_DAY).billed_usd


def pay(story: Story, day: date) -> None:
    """The month's costs with its last day, what was raised, and what went into machines and other things."""
    for on, raised in RAISES:
        if on == day:
            take_cash(story, "raise", "raise", day, Decimal(raised), "Equity:Shares", PUBLISHED)
    if (day + ONE_DAY).day == 1:
        month = sum(mined_on(one) for one in days(max(BEGAN, day.replace(day=1)), day + ONE_DAY))
        spent = cents(month * cost_on(day) / SAT)
        take_cash(story, "cost", "cost", day, -spent, "Expenses:Mining", PUBLISHED)
    for on, left in CASH_AT:
        if on == day:
            rest = Decimal(left) - story.cash_usd
            take_cash(story, "machines", "investment", day, rest, "Assets:MachinesAndOther", MADE_UP)


def cost_on(day: date) -> Decimal:
    return next(Decimal(usd) for since, usd in reversed(COSTS) if since <= day)


def take_cash(story: Story, word: str, kind: str, day: date, usd: Decimal, other: str, evidence: str) -> None:
    """Cash that came (above nothing) or went, against another account."""
    usd = cents(usd)
    story.cash_usd += usd
    legs = (Leg(CASH, "USD", usd), Leg(other, "USD", -usd))
    story.money.append(Money(f"demo/{day}/{word}", kind, at(day, 23), legs, evidence))
