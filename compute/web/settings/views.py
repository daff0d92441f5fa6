"""The page of a site's own figures, pool and meters. Whoever sees the site reads; those who configure it change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cango_ops.base import crumbs
from cango_ops.base.answers import person
from cango_ops.base.figures import counted
from compute.market import pool_terms
from compute.models import MiningTerms
from compute.web.settings.form import MeterForm, PoolForm, SiteForm
from compute.web.site_rights import site_to
from sites import agreements, rights
from sites.agreements import AgreementRefused
from sites.models import Meter, Site
from sites.web.contract.page import Change, change, errors_of


@dataclass(frozen=True)
class Forms:
    site: SiteForm
    pool: PoolForm
    meter: MeterForm

    @property
    def wrong(self) -> bool:
        return any(form.errors for form in (self.site, self.pool, self.meter))


@dataclass(frozen=True)
class SettingsPage:
    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    may_change: bool
    forms: Forms
    pool: MiningTerms | None
    meters: list[Meter]
    changes: list[Change]


@login_required
@reauthentication_required(allow_get=True)
@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.SEE)
    return answer(request, site, forms_of(site))


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def change_site(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CONFIGURE)
    shown = forms_of(site, request.POST, "site")
    names = list(SiteForm.Meta.fields)
    do = partial(agreements.set_site, person(request), Site.objects.get(pk=site.pk), names=names)
    return put(request, site, shown, shown.site, do)


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def change_pool(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CONFIGURE)
    shown = forms_of(site, request.POST, "pool")
    return put(request, site, shown, shown.pool, partial(pool_terms.set_terms, person(request), site))


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def change_meter(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CONFIGURE)
    shown = forms_of(site, request.POST, "meter")
    return put(request, site, shown, shown.meter, partial(agreements.set_meter, person(request), site))


@login_required
@reauthentication_required(allow_get=True)
@require_POST
def remove_meter(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CONFIGURE)
    try:
        agreements.remove_meter(person(request), site, request.POST.get("meter", ""))
    except AgreementRefused as why:
        messages.error(request, f"{why}.")
    return redirect("settings", site.code)


def forms_of(site: Site, data: Any = None, what: str = "") -> Forms:
    """Each with what stands; the one that was sent with what was said."""

    def said(name: str) -> Any:
        return data if what == name else None

    return Forms(
        site=SiteForm(said("site"), instance=Site.objects.get(pk=site.pk), prefix="site"),
        pool=PoolForm(said("pool"), instance=pool_terms.terms_of(site) or MiningTerms(site=site), prefix="pool"),
        meter=MeterForm(said("meter"), instance=Meter(site=site), prefix="meter"),
    )


def put(
    request: HttpRequest, site: Site, shown: Forms, form: forms.ModelForm, do: Callable[[Any], None]
) -> HttpResponse:
    """Sets what is in the form, or shows the form again with what is wrong."""
    if form.is_valid():
        try:
            do(form.save(commit=False))
        except AgreementRefused as why:
            if why.is_right:
                raise PermissionDenied from why
            errors_of(form, str(why), why.field)
        else:
            messages.success(request, "Set.")
            return redirect("settings", site.code)
    return answer(request, site, shown)


def answer(request: HttpRequest, site: Site, shown: Forms) -> HttpResponse:
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Settings", f"/sites/{site.code}/settings/"),
    )  # fmt: skip
    meters = list(site.meters.all())
    found = SettingsPage(
        title=f"{site.name}: {counted(len(meters), 'meter')}, up to {site.capacity_mw.normalize():f} MW",
        crumbs=where,
        site=site,
        may_change=agreements.may_change(person(request), site),
        forms=shown,
        pool=pool_terms.terms_of(site),
        meters=meters,
        changes=[change(event) for event in agreements.history(site, agreements.SETTINGS)],
    )
    context = {"page": found, "only_zone": True}
    return render(request, "sites/settings.html", context, status=400 if shown.wrong else 200)
