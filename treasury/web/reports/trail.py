"""Where the pages of the reports hang: their crumbs, and how they name a month."""

from datetime import date
from typing import Final

from cango_ops.base import crumbs
from treasury.reports import months
from treasury.reports.numbers import month_name

HOME: Final = crumbs.Crumb("Months", "/treasury/reports/")


def of_month(month: str, *more: crumbs.Crumb) -> tuple[crumbs.Crumb, ...]:
    """From the company to the month, and to what lies under it."""
    return (crumbs.COMPANY, HOME, crumbs.Crumb(named_month(month), f"/treasury/reports/{month}/"), *more)


def named_month(month: str) -> str:
    """ "2025-10" as "October 2025". Raises Garbled."""
    return named(months.first_day(month))


def named(month: date) -> str:
    return month_name(month, "en")
