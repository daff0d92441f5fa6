"""What the page of a month in hindsight shows: every site a line, the dearest miss first, and all of them together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.figures import dollars
from cango_ops.base.models import User
from compute.decisions import queries
from compute.decisions.queries import MonthTold
from compute.web.switching.page import HERE
from sites.models import Site

MOST_MONTHS: Final = 36


@dataclass(frozen=True)
class Line:
    """A site's month, or that of all sites. The differences are earned less the other; below zero it was missed."""

    name: str
    months: Sequence[MonthTold]

    @property
    def days(self) -> int:
        return sum(month.days for month in self.months)

    @property
    def hours(self) -> int:
        return sum(month.hours for month in self.months)

    @property
    def dollars(self) -> list[Decimal | None]:
        """Earned, promised, merit order, everything on, perfect foresight; None where no day of any site tells it."""
        return [total(month.dollars[place] for month in self.months) for place in range(5)]

    @property
    def besides(self) -> list[Decimal | None]:
        """Earned less promised, the merit order, everything on."""
        return [less(self.months, place) for place in (1, 2, 3)]

    @property
    def of_perfect(self) -> float | None:
        """Earned over what knowing all prices would have earned, of those that tell both."""
        both = [month for month in self.months if month.of_perfect is not None]
        earned, perfect = (total(month.dollars[place] for month in both) for place in (0, 4))
        return float(earned / perfect) if earned is not None and perfect else None


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def less(months: Sequence[MonthTold], place: int) -> Decimal | None:
    """Of the sites that tell both."""
    return total(
        earned - other
        for month in months
        if (earned := month.dollars[0]) is not None and (other := month.dollars[place]) is not None
    )


@dataclass(frozen=True)
class HindsightPage:
    """chosen: the month shown, None before any is told.   months: those that can be shown, the newest first."""

    title: str
    crumbs: tuple[Crumb, ...]
    chosen: date | None
    months: list[date]
    lines: list[Line]
    everything: Line | None


def hindsight_page(user: User, wanted: str) -> HindsightPage:
    """wanted: "2026-11"; another or none shows the newest."""
    sites = dict(Site.objects.visible_to(user).values_list("pk", "code"))
    told = queries.months(sites)
    months = sorted({row.month for row in told}, reverse=True)[:MOST_MONTHS]
    chosen = next((month for month in months if f"{month:%Y-%m}" == wanted), months[0] if months else None)
    rows = [row for row in told if row.month == chosen]
    everything = Line("All", rows) if rows else None
    return HindsightPage(
        title=answer(chosen, everything, len(rows), len(sites)),
        crumbs=(COMPANY, HERE, Crumb("Hindsight", "/switching/hindsight/")),
        chosen=chosen,
        months=months,
        lines=sorted((Line(row.site, [row]) for row in rows), key=missed),
        everything=everything,
    )


def missed(line: Line) -> tuple[bool, Decimal, str]:
    """What was missed most beside the merit order comes first, what nobody knows last."""
    beside = line.besides[1]
    return beside is None, beside or Decimal(0), line.name


def answer(chosen: date | None, everything: Line | None, told: int, of: int) -> str:
    if chosen is None or everything is None:
        return "No month is told yet"
    earned, beside = everything.dollars[0], everything.besides[1]
    if earned is None or beside is None:
        return f"{chosen:%B %Y}: not enough is known of any hour"
    side = "above" if beside >= 0 else "under"
    than = f"{dollars(abs(beside), 0)} {side} the merit order" if round(beside) else "as much as by the merit order"
    return f"{chosen:%B %Y}: {dollars(earned, 0)} earned, {than}, {told} of {of} sites"
