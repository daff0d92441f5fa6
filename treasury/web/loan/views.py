"""The page of a loan."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from cango_ops.base.answers import person
from treasury.models import Loan
from treasury.web.guard import of_the_books, shown
from treasury.web.loan.page import loan_page
from treasury.web.reports.guard import there


@require_safe
@of_the_books
def detail(request: HttpRequest, code: str) -> HttpResponse:
    loan = there(Loan.objects.visible_to(person(request)).filter(code=code).first())
    return shown(request, "treasury/loan.html", loan_page(loan, person(request)))


urlpatterns = [path("loans/<slug:code>/", detail, name="treasury-loan")]
