"""The page of a site's power contract, storage and programmes. Whoever sees the site reads; managers change."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base.answers import person
from sites import agreements
from sites.agreements import AgreementRefused
from sites.models import Site
from sites.web.contract import page as pages

Put = Callable[[Site, Any], None]


@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """A POST previews the contract in the form, or sets it."""
    site = visible(request, code)
    shown = pages.forms_of(site, request.POST, "contract" if request.method == "POST" else "")
    if request.method == "GET":
        return answer(request, site, shown)
    to_change(request, site)
    if request.POST.get("do") == "preview":
        then = pages.previewed(site, shown.contract) if shown.contract.is_valid() else None
        return answer(request, site, shown, then)
    return put(request, site, shown, shown.contract, partial(agreements.set_contract, person(request)))


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def battery(request: HttpRequest, code: str) -> HttpResponse:
    return sent(request, code, "battery", agreements.set_storage)


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def remove_battery(request: HttpRequest, code: str) -> HttpResponse:
    site = visible(request, code)
    to_change(request, site)
    agreements.remove_battery(person(request), site, request.POST.get("battery", ""))
    return redirect("contract", site.code)


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def solar(request: HttpRequest, code: str) -> HttpResponse:
    return sent(request, code, "solar", agreements.set_storage)


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def programme(request: HttpRequest, code: str) -> HttpResponse:
    return sent(request, code, "programme", agreements.set_programme)


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def remove(request: HttpRequest, code: str) -> HttpResponse:
    site = visible(request, code)
    to_change(request, site)
    try:
        day = date.fromisoformat(request.POST.get("valid_from", ""))
    except ValueError:
        raise BadRequest("valid_from is a day such as 2026-12-01.") from None
    try:
        agreements.remove_contract(person(request), site, day, pages.today_at(site))
    except AgreementRefused as why:
        messages.error(request, str(why))
    return redirect("contract", site.code)


def sent(request: HttpRequest, code: str, what: str, do: Callable[[Any, Site, Any], None]) -> HttpResponse:
    site = visible(request, code)
    to_change(request, site)
    shown = pages.forms_of(site, request.POST, what)
    return put(request, site, shown, getattr(shown, what), partial(do, person(request)))


def put(request: HttpRequest, site: Site, shown: pages.Forms, form: Any, do: Put) -> HttpResponse:
    """Sets what is in the form, or shows the form again with what is wrong."""
    if form.is_valid():
        try:
            do(site, form.save(commit=False))
        except AgreementRefused as why:
            pages.errors_of(form, str(why), why.field)
        else:
            messages.success(request, "Set. The next planning round reckons with it.")
            return redirect("contract", site.code)
    return answer(request, site, shown)


def answer(request: HttpRequest, site: Site, shown: pages.Forms, then: Any = None) -> HttpResponse:
    found = pages.agreements_page(person(request), site, shown, then)
    wrong = any(form.errors for form in (shown.contract, shown.battery, shown.solar, shown.programme))
    context = {"page": found, "only_zone": True}
    return render(request, "contract/contract.html", context, status=400 if wrong else 200)


def visible(request: HttpRequest, code: str) -> Site:
    sites = Site.objects.visible_to(request.user).select_related("region", "operator")
    return get_object_or_404(sites, code=code)


def to_change(request: HttpRequest, site: Site) -> None:
    if not agreements.may_change(person(request), site):
        raise PermissionDenied
