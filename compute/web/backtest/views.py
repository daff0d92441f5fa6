"""The pages of back-tests. Reading takes the site's sight; asking and stopping the right to approve."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cango_ops.base.answers import person
from compute.models import Backtest
from compute.replays import ask
from compute.replays.ask import BacktestRefused
from compute.web.backtest import page as pages
from compute.web.backtest.form import BacktestForm
from sites.models import Site


@login_required
@require_http_methods(["GET", "POST"])
def backtests(request: HttpRequest) -> HttpResponse:
    """The list, and the form; a form sent twice asks once."""
    form, asked = form_of(request), request.POST.get("request_id", "")
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid() and (made := asked_for(request, form, id_of(asked))):
            return redirect("backtest", made.pk)
    shown = pages.backtests_page(person(request), form, asked)
    status = 400 if form is not None and form.errors else 200
    return render(request, "switching/backtests.html", {"page": shown, "only_zone": True}, status=status)


def form_of(request: HttpRequest) -> BacktestForm | None:
    codes = [site.code for site in pages.places_of(person(request))]
    if not codes:
        return None
    is_sent = request.method == "POST"
    places = Site.objects.filter(code__in=codes)
    form = BacktestForm(request.POST if is_sent else None, request.FILES if is_sent else None, places)
    if request.GET.get("site") in codes:
        form.initial["site"] = request.GET["site"]
    return form


def asked_for(request: HttpRequest, form: BacktestForm, request_id: uuid.UUID) -> Backtest | None:
    try:
        return form.ask(person(request), request_id)
    except BacktestRefused as why:
        if why.is_right:
            raise PermissionDenied from why
        form.add_error(None, str(why))
        return None


def id_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadRequest("request_id is a UUID that the form made.") from None


@login_required
@require_GET
def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    shown = pages.backtest_page(person(request), visible(request, pk))
    return render(request, "switching/backtest.html", {"page": shown, "only_zone": True})


@login_required
@require_GET
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    return render(
        request, "switching/_backtest.html", {"page": pages.backtest_page(person(request), visible(request, pk))}
    )


@login_required
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        if not ask.stop(person(request), visible(request, pk)):
            messages.info(request, "The back-test had ended already.")
    except BacktestRefused as why:
        raise PermissionDenied from why
    return redirect("backtest", pk)


def visible(request: HttpRequest, pk: int) -> Backtest:
    rows = Backtest.objects.visible_to(person(request)).select_related("site", "asked_by").defer("inputs")
    return get_object_or_404(rows, pk=pk)
