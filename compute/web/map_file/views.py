"""The page of a site's map file: take it, send one, see what it would change, apply it."""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cango_ops.base.answers import person
from compute.map_file import exchange
from compute.map_file.exchange import FileWrong, OutOfDate
from compute.map_file.text import LIMIT_BYTES, Wrong
from compute.models import MapChange
from compute.web.map_file.page import map_page
from compute.web.site_rights import site_to
from sites import rights


class FileForm(forms.Form):
    """A file that is sent. change: made by the page, so that a file sent twice is one file."""

    file = forms.FileField(allow_empty_file=True)
    change = forms.UUIDField()


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """A POST takes a file and changes nothing yet."""
    site = site_to(request, code, rights.CHANGE_MAP)
    if request.method == "GET":
        change = get_object_or_404(MapChange, site=site, pk=id_of(said)) if (said := request.GET.get("file")) else None
        return render(request, "sites/map_file.html", {"page": map_page(site, change)})
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        wrong = [Wrong(0, name, str(words)) for name, errors in form.errors.items() for words in errors]
        return render(request, "sites/map_file.html", {"page": map_page(site, None, tuple(wrong))}, status=400)
    try:
        data = form.cleaned_data["file"].read(LIMIT_BYTES + 1)
        change = exchange.send(person(request), site, data, form.cleaned_data["change"])
    except FileWrong as refused:
        return render(request, "sites/map_file.html", {"page": map_page(site, None, tuple(refused.wrong))}, status=400)
    except OutOfDate as refused:
        messages.error(request, str(refused))
        return redirect("site-map", site.code)
    return redirect(f"{reverse('site-map', args=[site.code])}?file={change.pk}")


@login_required
@require_POST
def apply(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CHANGE_MAP)
    change = get_object_or_404(MapChange, site=site, pk=id_of(request.POST.get("file", "")))
    try:
        if exchange.apply(person(request), change):
            messages.success(request, "The map is what the file says; the next sweep asks its machines.")
        else:
            messages.info(request, "This file was applied already.")
    except (OutOfDate, FileWrong) as refused:
        messages.error(request, f"Nothing was changed. {refused}")
        return redirect("site-map", site.code)
    return redirect(f"{reverse('site-map', args=[site.code])}?file={change.pk}")


@login_required
@require_safe
def file(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.SEE)
    answer = HttpResponse(exchange.exported(site), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{site.code}-map.csv"'
    return answer


def id_of(said: str) -> uuid.UUID:
    try:
        return uuid.UUID(said)
    except ValueError:
        raise BadRequest("expected the id of a file.") from None
