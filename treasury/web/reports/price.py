"""The price of a month's end, as a page: which one counts, who said it when, and what else was said."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cango_ops.base import clock, crumbs
from treasury.earnings.span import Month
from treasury.reports import months
from treasury.reports.price_rows import PriceRow, prices_of
from treasury.web.reports.guard import of_the_books, shown
from treasury.web.reports.trail import of_month


@dataclass(frozen=True)
class PricePage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    end_at: datetime
    rows: tuple[PriceRow, ...]
    as_of: datetime


@require_safe
@of_the_books
def price(request: HttpRequest, month: str) -> HttpResponse:
    span = Month(months.first_day(month))
    rows = tuple(prices_of(span))
    here = crumbs.Crumb("Price", f"/treasury/reports/{month}/price/")
    page = PricePage(title_of(span, rows), of_month(month, here), month, span.end_at, rows, clock.now())
    return shown(request, "treasury/report_price.html", page)


def title_of(span: Month, rows: tuple[PriceRow, ...]) -> str:
    chosen = next((row for row in rows if row.counts), None)
    if chosen is None:
        return f"{span.name} ended without a price"
    return f"A bitcoin was ${chosen.price_usd:,} at the end of {span.name}"
