"""The page of a loan, and the form of its contract: a new one, or one that is corrected."""

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_http_methods, require_safe

from cango_ops.base.answers import person
from cango_ops.base.models import User
from treasury.loans import contract
from treasury.loans.contract import Written, Wrong
from treasury.models import Loan
from treasury.web.guard import of_the_books, shown
from treasury.web.loan.contract import contract_page
from treasury.web.loan.form import LoanForm, of_loan
from treasury.web.loan.page import loan_page
from treasury.web.reports.guard import there


@require_safe
@of_the_books
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return shown(request, "treasury/loan.html", loan_page(named(request, code), person(request)))


def named(request: HttpRequest, code: str) -> Loan:
    return there(Loan.objects.visible_to(person(request)).filter(code=code).first())


@require_http_methods(["GET", "HEAD", "POST"])
@of_the_books
@reauthentication_required(allow_get=True)
def new(request: HttpRequest) -> HttpResponse:
    user, form = writer(request), LoanForm(typed(request))
    written = done(request, form, lambda: contract.write(form.said, form.cleaned_data["evidence"], user))
    if written is None:
        return answer(request, form, None)
    words = "is written down" if written.is_new else "was written down already"
    messages.success(request, f"{written.loan.code} {words}. Tell next what was pledged and drawn.")
    return redirect("treasury-loan", written.loan.code)


@require_http_methods(["GET", "HEAD", "POST"])
@of_the_books
@reauthentication_required(allow_get=True)
def correct(request: HttpRequest, code: str) -> HttpResponse:
    user, loan = writer(request), named(request, code)
    form = of_loan(loan, typed(request))

    def put() -> Written:
        return contract.correct(loan, form.cleaned_data["seen"], form.said, form.cleaned_data["evidence"], user)

    written = done(request, form, put)
    if written is None:
        return answer(request, form, loan)
    messages.success(request, "Corrected." if written.is_new else "Nothing was changed: it stood there so.")
    return redirect("treasury-loan", loan.code)


def writer(request: HttpRequest) -> User:
    """Raises PermissionDenied."""
    if not contract.may_write(person(request)):
        raise PermissionDenied
    return person(request)


def typed(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def done(request: HttpRequest, form: LoanForm, put: Callable[[], Written]) -> Written | None:
    """None where nothing was sent, or the reasons stand in the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return put()
    except Wrong as why:
        form.refuse(why)
        return None


def answer(request: HttpRequest, form: LoanForm, loan: Loan | None) -> HttpResponse:
    status = 400 if form.errors else 200
    return shown(request, "treasury/loan_contract.html", contract_page(form, loan), status)


urlpatterns = [
    path("loans/new/", new, name="treasury-loan-new"),
    path("loans/<slug:code>/", detail, name="treasury-loan"),
    path("loans/<slug:code>/terms/", correct, name="treasury-loan-terms"),
]
