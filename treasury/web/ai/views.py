"""The page of AI revenue."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cango_ops.base import clock
from treasury.web.ai.page import ai_page
from treasury.web.guard import of_the_books, shown
from treasury.web.value.views import month_asked


@require_safe
@of_the_books
def page(request: HttpRequest) -> HttpResponse:
    contract = request.GET.get("contract", "")
    if contract and not (contract.isascii() and contract.isdigit() and len(contract) < 12):
        raise BadRequest("contract is a number.")
    return shown(
        request, "treasury/ai.html", ai_page(clock.now(), month_asked(request), int(contract) if contract else None)
    )
