"""The page of a machine, its panel, and reading it at once."""

from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from cango_ops.base.models import User
from cango_ops.base.page_span import page_span
from compute.models import Device
from compute.web.device import read_now
from compute.web.device.charts import charts_of
from compute.web.device.page import device_page
from sites import rights

NOT_YOURS = "Your role at this site does not allow reading a machine by hand. The sweeps read it all the same."


@login_required
@csp_update({"style-src": "'unsafe-inline'"})
def page(request: HttpRequest, site: str, code: str, slot: int) -> HttpResponse:
    device = visible(request, site, code, slot)
    return render(request, "compute/device.html", context_of(request, device) | {"charts": charts_of(device)})


@login_required
def panel(request: HttpRequest, site: str, code: str, slot: int) -> HttpResponse:
    return render(request, "compute/_device_panel.html", context_of(request, visible(request, site, code, slot)))


@login_required
@require_POST
def read(request: HttpRequest, site: str, code: str, slot: int) -> HttpResponse:
    """Answers with the fresh panel and, where the machine said nothing, why."""
    device = visible(request, site, code, slot)
    is_fragment = bool(getattr(request, "htmx", None))
    if not may_read(request, device):
        if is_fragment:
            return HttpResponse(NOT_YOURS, status=403, content_type="text/plain; charset=utf-8")
        raise PermissionDenied
    said = read_now.ask(device)
    if not is_fragment:
        return redirect("device", site, code, slot)
    fresh = visible(request, site, code, slot)
    context = context_of(request, fresh) | {"was_read": True, "read_failed": said}
    return render(request, "compute/_device_panel.html", context)


def context_of(request: HttpRequest, device: Device) -> dict[str, object]:
    shown = device_page(device, may_read=may_read(request, device))
    return {"page": shown, "span": page_span(request, device.site.time_zone)}


def may_read(request: HttpRequest, device: Device) -> bool:
    return isinstance(request.user, User) and rights.may(request.user, rights.OPERATE, device.site)


def visible(request: HttpRequest, site: str, code: str, slot: int) -> Device:
    devices = Device.objects.visible_to(request.user).select_related("site__region", "container")
    return get_object_or_404(devices, site__code=site, container__code=code, slot=slot)
