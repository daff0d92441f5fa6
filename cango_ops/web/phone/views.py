"""Labels to print, the look-up by serial, MAC, address or place, and the page that a label opens."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from cango_ops.web.phone.page import labels_page, look_up, phone_page
from compute.models import Container, Device
from sites.models import Site


@login_required
@require_GET
def labels(request: HttpRequest, site: str, code: str = "") -> HttpResponse:
    """Of a site, or of one container."""
    place = get_object_or_404(Site.objects.visible_to(request.user), code=site)
    box = get_object_or_404(Container.objects.filter(site=place).select_related("site"), code=code) if code else None
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise BadRequest("after is the number of the machine before the labels.")
    base = request.build_absolute_uri("/").rstrip("/")
    return render(request, "phone/labels.html", {"page": labels_page(base, place, box, int(after))})


@login_required
@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """Where the words mean one machine, at once to it."""
    page = look_up(person(request), request.GET.get("q", "").strip())
    if len(page.found) == 1:
        return redirect(f"/at/{page.found[0].text}/")
    return render(request, "phone/look_up.html", {"page": page})


@login_required
@require_GET
def machine(request: HttpRequest, site: str, code: str, slot: int) -> HttpResponse:
    return shown(request, site, code, slot, "phone/machine.html")


@login_required
@require_GET
def panel(request: HttpRequest, site: str, code: str, slot: int) -> HttpResponse:
    return shown(request, site, code, slot, "phone/_machine_panel.html")


def shown(request: HttpRequest, site: str, code: str, slot: int, template: str) -> HttpResponse:
    rows = Device.objects.visible_to(request.user).select_related("site__region", "site__operator", "container")
    device = get_object_or_404(rows, site__code=site, container__code=code, slot=slot)
    span = page_span(request, device.site.time_zone)
    page = phone_page(person(request), device)
    return render(request, template, {"page": page, "span": span, "only_zone": True})
