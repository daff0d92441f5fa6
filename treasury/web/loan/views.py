"""The page of a loan, and what a lender told, written down there."""

import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base.answers import person
from cango_ops.wire import Garbled
from sites import rights
from treasury.closing.close import Refused, need
from treasury.lending.course import Kind
from treasury.loans.happen import Happening, happen
from treasury.models import Loan
from treasury.proposals.terms import decimal, price
from treasury.web.guard import of_the_books, shown
from treasury.web.loan.page import loan_page
from treasury.web.proposals.form import sat_of
from treasury.web.reports.guard import there

# What a lender does without asking us; everything else is proposed.
TOLD: Final = (Kind.CALL, Kind.RATE, Kind.LIQUIDATION)


@require_safe
@of_the_books
def detail(request: HttpRequest, code: str) -> HttpResponse:
    page = loan_page(loan_of(request, code), person(request))
    return shown(request, "treasury/loan.html", page)


def loan_of(request: HttpRequest, code: str) -> Loan:
    return there(Loan.objects.visible_to(person(request)).filter(code=code).first())


@require_POST
@of_the_books
def tell(request: HttpRequest, code: str) -> HttpResponse:
    """Writes down what the lender told; a button pressed twice does it once."""
    loan, user = loan_of(request, code), person(request)
    try:
        need(user, rights.MOVE_TREASURY)
        happen(loan, happening(request.POST), user)
        messages.success(request, "Written down.")
    except (Refused, Garbled) as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("treasury-loan", code)


def happening(said: Mapping[str, str]) -> Happening:
    """Raises Garbled and Refused."""
    kind = said.get("kind", "")
    if kind not in TOLD:
        raise Garbled("it is no call, new rate or liquidation")
    sat, usd, rate = (said.get(name, "").strip() for name in ("sat", "price_usd", "rate_pct"))
    return Happening(
        source=f"told/{key_of(said.get('key', ''))}",
        kind=Kind(kind),
        on=day_of(said.get("on", "")),
        seq=LAST,
        sat=sat_of("sat", sat) if sat else 0,
        price_usd=price(usd) if usd else None,
        rate=rate_of(rate) if rate else None,
    )


# After what proposals did on the day.
LAST: Final = 2_000_000_000


def rate_of(text: str) -> Decimal:
    """6.5 is 0.065."""
    return round(decimal(text) / 100, 6)


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Garbled("the day is no date such as 2026-01-31") from None


def key_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadRequest("key is a UUID that the form made.") from None


urlpatterns = [
    path("loans/<slug:code>/", detail, name="treasury-loan"),
    path("loans/<slug:code>/tell/", tell, name="treasury-loan-tell"),
]
