"""The stress page."""

from decimal import Decimal, InvalidOperation
from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from cango_ops.base import clock
from cango_ops.units import SATS_PER_BTC
from treasury.lending.effect import Act, Deed
from treasury.web.guard import of_the_books, shown
from treasury.web.stress.page import RATES, stress_page

ACTS: Final = (Deed.SELL, Deed.PLEDGE, Deed.RELEASE, Deed.REPAY)
LARGEST: Final = Decimal(10) ** 14


@require_safe
@of_the_books
def page(request: HttpRequest) -> HttpResponse:
    rate = number(request.GET, "rate", Decimal(0))
    if rate not in RATES:
        raise BadRequest(f"rate is one of {', '.join(map(str, RATES))} points.")
    try:
        act, wrong = act_asked(request.GET), ""
    except BadRequest as why:
        act, wrong = None, str(why)
    told = stress_page(clock.now(), rate, act, request.GET.dict(), wrong)
    return shown(request, "treasury/stress.html", told, 400 if wrong else 200)


def act_asked(asked: QueryDict) -> Act | None:
    """The act that the address tries out; a wrong word or number is a bad request."""
    word = asked.get("act")
    if not word:
        return None
    if word not in ACTS:
        raise BadRequest(f"act is one of {', '.join(ACTS)}.")
    amount = number(asked, "amount", Decimal(0))
    if not 0 < amount < LARGEST:
        raise BadRequest("amount is above zero: bitcoin, or dollars to repay.")
    loan = asked.get("loan", "")[:32]
    if word == Deed.REPAY:
        return Act(Deed.REPAY, loan, usd=round(amount, 2))
    return Act(Deed(word), loan, sat=int(amount * SATS_PER_BTC))


def number(asked: QueryDict, name: str, default: Decimal) -> Decimal:
    text = asked.get(name)
    if not text:
        return default
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise BadRequest(f"{name} is no number such as 1250.5.") from error
    if not value.is_finite():
        raise BadRequest(f"{name} is no number such as 1250.5.")
    return value
