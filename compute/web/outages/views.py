"""The page of a site's planned outages: whoever sees the site reads; those who operate it enter, end and take back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base import clock, crumbs
from cango_ops.base.answers import person
from compute.models import Container
from compute.web.site_rights import site_to
from sites import rights, windows
from sites.models import PlannedWindow, Site
from sites.windows import WHOLE, Place, Wanted, WindowRefused

MOST: Final = 200
AS_TYPED: Final = "%Y-%m-%dT%H:%M"


class OutageForm(forms.Form):
    kind = forms.ChoiceField(choices=PlannedWindow.Kind.choices, label="Kind")
    container = forms.ChoiceField(required=False, label="Where")
    begin_at = forms.DateTimeField(label="From (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}, AS_TYPED))
    end_at = forms.DateTimeField(label="Until (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}, AS_TYPED))
    reason = forms.CharField(max_length=200, label="Why")

    def __init__(self, site: Site, data: Any = None) -> None:
        now = clock.now().replace(second=0, microsecond=0)
        super().__init__(data, initial={"begin_at": now, "end_at": now + timedelta(hours=4)})
        containers = Container.objects.filter(site=site).values_list("pk", "code")
        self.places = {str(pk): Place(pk, code) for pk, code in containers}
        boxes = [(key, place.container) for key, place in self.places.items()]
        field = self.fields["container"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", f"All of {site.code}"), *boxes]

    def wanted(self) -> Wanted:
        said = self.cleaned_data
        place = self.places.get(said["container"], WHOLE)
        return Wanted(said["kind"], said["begin_at"], said["end_at"], said["reason"], place)


@dataclass(frozen=True)
class OutageRow:
    """state: holds, later, over or taken back."""

    row: PlannedWindow
    state: str
    word: str
    hours: float


@dataclass(frozen=True)
class OutagesPage:
    """rows: the newest first, at most MOST."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    may_plan: bool
    rows: tuple[OutageRow, ...]
    form: OutageForm
    as_of: datetime


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.SEE)
    form = OutageForm(site, request.POST if request.method == "POST" else None)
    if request.method == "POST" and was_entered(request, site, form):
        return redirect("outages", site.code)
    shown = outages_page(request, site, form)
    return render(request, "sites/outages.html", {"page": shown, "only_zone": True}, status=400 if form.errors else 200)


@login_required
@require_POST
def change(request: HttpRequest, code: str, pk: int, deed: str) -> HttpResponse:
    """Ends a window now, or takes it back."""
    site = site_to(request, code, rights.SEE)
    window = get_object_or_404(PlannedWindow.objects.select_related("site"), site=site, pk=pk)
    if deed not in DEEDS:
        raise Http404
    try:
        done = DEEDS[deed](person(request), window)
    except WindowRefused as why:
        raise PermissionDenied from why
    if not done:
        messages.error(request, "Nothing was changed: it is over, or was taken back before.")
    return redirect("outages", site.code)


DEEDS: Final = {"end": windows.end_now, "withdraw": windows.withdraw}


def was_entered(request: HttpRequest, site: Site, form: OutageForm) -> bool:
    """False, and the reason in the form, where it cannot be."""
    if not windows.may_plan(person(request), site):
        raise PermissionDenied
    if not form.is_valid():
        return False
    try:
        row = windows.plan(person(request), site, form.wanted())
    except WindowRefused as why:
        form.add_error(None, f"{str(why)[:1].upper()}{str(why)[1:]}.")
        return False
    messages.success(request, f"{row.get_kind_display()} of {row.place} is entered. Nobody is called there meanwhile.")
    return True


def outages_page(request: HttpRequest, site: Site, form: OutageForm) -> OutagesPage:
    now = clock.now()
    found = PlannedWindow.objects.filter(site=site).select_related("site", "entered_by", "withdrawn_by")
    rows = tuple(outage_row(row, now) for row in found[:MOST])
    holding = [one.row.place for one in rows if one.state == "maintenance"]
    return OutagesPage(
        title=f"{site.name}: {', '.join(holding) or 'nothing'} is planned to be off now",
        crumbs=(
            crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
            crumbs.Crumb("Planned outages", f"/sites/{site.code}/outages/"),
        ),
        site=site,
        may_plan=windows.may_plan(person(request), site),
        rows=rows,
        form=form,
        as_of=now,
    )  # fmt: skip


def outage_row(row: PlannedWindow, now: datetime) -> OutageRow:
    hours = (row.end_at - row.begin_at).total_seconds() / 3600
    if row.withdrawn_at is not None:
        return OutageRow(row, "unknown", "taken back", hours)
    if row.begin_at > now:
        return OutageRow(row, "ok", "begins later", hours)
    return OutageRow(row, "ok", "over", hours) if row.end_at <= now else OutageRow(row, "maintenance", "holds", hours)
