"""The pages of handovers, and the two buttons on them: handing over, and having read."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from cango_ops.web.handover.content import content_of
from cango_ops.web.handover.page import SHIFTS, list_page, new_page, one_page, shift_began
from compute.web.choices import one_of
from sites import handovers
from sites.models import Handover, Site


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    context = {"page": list_page(person(request)), "span": page_span(request), "only_zone": True}
    return render(request, "handovers/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What would be handed over; posted, it is."""
    sites, shift = sites_of(request), one_of(request, "shift", SHIFTS)
    error = ""
    if request.method == "POST":
        try:
            return redirect("handover", made(request, sites, shift).pk)
        except handovers.HandoverRefused as why:
            if why.is_right:
                raise PermissionDenied from why
            error = sentence(why)
    words = request.POST.get("words", "")
    page = new_page(person(request), request.GET.dict(), sites, shift, clock.now(), words, error)
    only = page_span(request, sites[0].time_zone if page.site else None)
    context = {"page": page, "span": only, "only_zone": True, "query": request.GET.urlencode()}
    return render(request, "handovers/new.html", context, status=400 if error else 200)


def made(request: HttpRequest, sites: list[Site], shift: str) -> Handover:
    """What stands open is read anew at this moment: that is what is frozen."""
    try:
        request_id = uuid.UUID(request.POST.get("request_id", ""))
    except ValueError as why:
        raise BadRequest("The form was not whole: it has no request_id.") from why
    now = clock.now()
    began_at = shift_began(shift, sites, now)
    said = request.POST.get("words", "").replace("\r\n", "\n")
    return handovers.hand_over(request_id, person(request), sites, began_at, said, content_of(sites, began_at, now))


def sites_of(request: HttpRequest) -> list[Site]:
    """The site of the address, or every one that the person operates. Another tenant's is not there."""
    code = request.GET.get("site", "")
    if code:
        one = get_object_or_404(Site.objects.visible_to(request.user).select_related("operator"), code=code)
        if not handovers.operates_all(person(request), [one]):
            raise PermissionDenied
        return [one]
    found = handovers.operated(person(request))
    if not found:
        raise PermissionDenied
    return found


@login_required
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    found = visible(request, pk)
    codes = found.content["sites"]
    zone = Site.objects.get(code=codes[0]).time_zone if len(codes) == 1 else None
    context = {"page": one_page(person(request), found), "span": page_span(request, zone), "only_zone": True}
    return render(request, "handovers/one.html", context)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    found = visible(request, pk)
    try:
        handovers.confirm(found, person(request))
        messages.success(request, "You have read it: the shift is yours.")
    except handovers.HandoverRefused as why:
        if why.is_right:
            raise PermissionDenied from why
        messages.error(request, sentence(why))
    return redirect("handover", pk)


def visible(request: HttpRequest, pk: int) -> Handover:
    rows = Handover.objects.visible_to(request.user).select_related("made_by", "confirmed_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def sentence(why: Exception) -> str:
    words = str(why)
    return f"{words[:1].upper()}{words[1:]}."
