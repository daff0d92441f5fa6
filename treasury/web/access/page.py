"""Who looked at which figures, and which of them were not released then."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from cango_ops.base import clock, crumbs
from cango_ops.base.models import User
from treasury.models import BooksRead, Report
from treasury.web.proposals.listing import TREASURY

MOST: Final = 300
BACK: Final = timedelta(days=30)
MONTH: Final = re.compile(r"/reports/(\d{4})-(\d{2})(?:/|\?|$)")


@dataclass(frozen=True)
class Look:
    """One row of the log. month: whose figures they were.   is_early: they were not released then."""

    row: BooksRead
    month: date
    is_early: bool

    @property
    def word(self) -> str:
        return "before release" if self.is_early else "released"


@dataclass(frozen=True)
class AccessPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    looks: tuple[Look, ...]
    more: int
    as_of: datetime


def access_page(user: User) -> AccessPage:
    now = clock.now()
    rows = BooksRead.objects.visible_to(user).filter(last_at__gte=now - BACK)
    found = looks(list(rows[:MOST]))
    people = len({look.row.who_id for look in found if look.is_early})
    return AccessPage(
        title=f"{people} {'person has' if people == 1 else 'people have'} seen figures before their release"
        if people else "Nobody has seen figures before their release",
        crumbs=(crumbs.COMPANY, TREASURY, crumbs.Crumb("Who looked", "/treasury/access/")),
        looks=tuple(found),
        more=max(0, rows.count() - MOST),
        as_of=now,
    )  # fmt: skip


def looks(rows: list[BooksRead]) -> list[Look]:
    released = {
        month: at for month, at in Report.objects.filter(state="published").values_list("month", "published_at") if at
    }
    return [look(row, released) for row in rows]


def look(row: BooksRead, released: dict[date, datetime]) -> Look:
    """Figures of the running books count to the month in which they were looked at."""
    named = MONTH.search(row.what)
    month = row.first_at.date().replace(day=1)
    if named and 1 <= int(named[2]) <= 12 and int(named[1]):
        month = date(int(named[1]), int(named[2]), 1)
    return Look(row, month, month not in released or row.first_at < released[month])
