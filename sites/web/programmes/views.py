"""The page of a site's programmes and calls: whoever sees the site reads; those who operate it tell and withdraw."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base import clock, crumbs
from cango_ops.base.answers import person
from cango_ops.base.models import AuditEvent
from sites import calls
from sites.calls import Called, CallRefused
from sites.models import Programme, ProgrammeCall, Site

MOST: Final = 200
AS_TYPED: Final = "%Y-%m-%dT%H:%M"
MINUTE: Final = timedelta(minutes=1)


class CallForm(forms.Form):
    programme = forms.ChoiceField(label="Programme")
    call_id = forms.CharField(
        max_length=100, label="Number of the call", help_text="As the caller gave it; the same number is the same call."
    )
    begin_at = forms.DateTimeField(label="From (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}, AS_TYPED))
    end_at = forms.DateTimeField(label="Until (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}, AS_TYPED))

    def __init__(self, programmes: list[Programme], now: datetime, data: Any = None) -> None:
        begin = (now + timedelta(minutes=15)).replace(second=0, microsecond=0)
        start = {"begin_at": begin, "end_at": begin + timedelta(hours=1), "call_id": f"by-phone-{now:%Y%m%d-%H%M%S}"}
        super().__init__(data, initial=start)
        field = self.fields["programme"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.name, one.name) for one in programmes]

    def called(self) -> Called:
        said = self.cleaned_data
        return Called(said["programme"], said["call_id"], said["begin_at"], said["end_at"])


@dataclass(frozen=True)
class CallRow:
    """notice_min: from its telling to its begin, 0 where it was told late. is_short: less than was agreed."""

    row: ProgrammeCall
    state: str
    word: str
    notice_min: int
    is_short: bool
    may_withdraw: bool


@dataclass(frozen=True)
class ProgrammesPage:
    """calls: the newest first, at most MOST."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    may_tell: bool
    programmes: list[Programme]
    calls: tuple[CallRow, ...]
    form: CallForm
    changes: list[AuditEvent]


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = visible(request, code)
    programmes = list(Programme.objects.filter(site=site))
    form = CallForm(programmes, clock.now(), request.POST if request.method == "POST" else None)
    if request.method == "POST" and was_told(request, site, form):
        return redirect("programmes", site.code)
    context = {"page": programmes_page(request, site, programmes, form), "only_zone": True}
    return render(request, "sites/programmes.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    site = visible(request, code)
    call = get_object_or_404(ProgrammeCall.objects.select_related("programme"), programme__site=site, pk=pk)
    try:
        _, stood = calls.withdraw(person(request), site, call.programme.name, call.call_id)
    except CallRefused as why:
        if why.is_right:
            raise PermissionDenied from why
        messages.error(request, sentence(why))
    else:
        said = messages.success if stood else messages.error
        said(request, f"Call {call.call_id} {'is' if stood else 'was already'} withdrawn.")
    return redirect("programmes", site.code)


def was_told(request: HttpRequest, site: Site, form: CallForm) -> bool:
    """False, and the reason in the form, where it cannot be."""
    if not calls.may_tell(person(request), site):
        raise PermissionDenied
    if not form.is_valid():
        return False
    try:
        row, is_new = calls.tell(person(request), site, form.called())
    except CallRefused as why:
        form.add_error(why.field or None, sentence(why))
        return False
    if is_new:
        messages.success(request, f"Call {row.call_id} is told. The site is planned anew within seconds.")
    else:
        messages.error(request, f"Call {row.call_id} was told before; nothing was changed.")
    return True


def sentence(why: CallRefused) -> str:
    return f"{str(why)[:1].upper()}{str(why)[1:]}."


def visible(request: HttpRequest, code: str) -> Site:
    sites = Site.objects.visible_to(request.user).select_related("region", "operator")
    return get_object_or_404(sites, code=code)


def programmes_page(request: HttpRequest, site: Site, programmes: list[Programme], form: CallForm) -> ProgrammesPage:
    now, may = clock.now(), calls.may_tell(person(request), site)
    found = ProgrammeCall.objects.filter(programme__site=site).select_related("programme").order_by("-begin_at", "-pk")
    rows = tuple(call_row(row, now, may) for row in found[:MOST])
    holding = [one.row for one in rows if one.word == "holds"]
    until = ", ".join(f"{one.programme.name} until {one.end_at.astimezone(UTC):%H:%M} UTC" for one in holding)
    return ProgrammesPage(
        title=f"{site.name}: called by {until}" if holding else f"{site.name}: no programme calls now",
        crumbs=(
            crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
            crumbs.Crumb("Grid calls", f"/sites/{site.code}/programmes/"),
        ),
        site=site,
        may_tell=may,
        programmes=programmes,
        calls=rows,
        form=form,
        changes=calls.history(site),
    )  # fmt: skip


def call_row(row: ProgrammeCall, now: datetime, may: bool) -> CallRow:
    notice = max(0, (row.begin_at - row.called_at) // MINUTE)
    state, word = standing(row, now)
    return CallRow(
        row=row, state=state, word=word, notice_min=notice, is_short=notice < row.programme.notice_min,
        may_withdraw=may and row.withdrawn_at is None and row.end_at > now,
    )  # fmt: skip


def standing(row: ProgrammeCall, now: datetime) -> tuple[str, str]:
    if row.withdrawn_at is not None:
        return "unknown", "withdrawn"
    if row.begin_at > now:
        return "ok", "begins later"
    return ("ok", "over") if row.end_at <= now else ("warning", "holds")
