"""The page of a site's scan: begin one, watch it, stop it, and write what it found into the map."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cango_ops.base.answers import person
from compute.models import Container, Scan
from compute.scanning import confirm, scan
from compute.scanning.confirm import Wish
from compute.web.scan.page import scan_page
from compute.web.site_rights import site_to
from sites import rights


@login_required
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CHANGE_MAP)
    return render(request, "sites/scan.html", {"page": scan_page(site)})


@login_required
def panel(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CHANGE_MAP)
    return render(request, "sites/_scan.html", {"page": scan_page(site)})


@login_required
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CHANGE_MAP)
    try:
        scan.ask_for(person(request), site, id_of(request, "scan"))
    except scan.ScanRefused as refused:
        messages.error(request, str(refused))
    return redirect("scan", site.code)


@login_required
@require_POST
def stop(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.CHANGE_MAP)
    if not scan.stop(person(request), get_object_or_404(Scan, site=site, pk=id_of(request, "scan"))):
        messages.info(request, "The scan had ended already.")
    return redirect("scan", site.code)


@login_required
@require_POST
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Writes what is ticked."""
    site = site_to(request, code, rights.CHANGE_MAP)
    done = get_object_or_404(Scan, site=site, pk=id_of(request, "scan"))
    into = request.POST.get("into", "")
    box = get_object_or_404(Container, site=site, code=into) if into else None
    wish = Wish("moved" in request.POST, "swapped" in request.POST, box)
    with transaction.atomic():
        applied = confirm.confirm(person(request), done, wish)
    if applied is None:
        messages.info(request, "This scan is not done, or somebody has confirmed it already.")
    else:
        left = f" Left out: {'; '.join(applied.left[:5])}." if applied.left else ""
        done_words = f"{applied.moved} moved, {applied.swapped} swapped, {applied.added} added."
        messages.success(request, f"The map is written: {done_words}{left}")
    return redirect("scan", site.code)


def id_of(request: HttpRequest, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest("expected the id of a scan.") from None
