"""The page of a place's events, the list of them under its charts, and writing a note."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from cango_ops.base import crumbs
from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from cango_ops.base.timespan import WrongSpan, moment
from cango_ops.web.events.page import asked_place, events_list, events_page, span_of, words_of
from cango_ops.web.events.place import Place
from compute.web.choices import one_of
from sites import notes
from sites.models import Note


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return shown(request, "events/events.html")


@login_required
@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    return shown(request, "events/_events_panel.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    place = asked_place(request)
    span = span_of(request, place)
    page = events_page(request, place, span, one_of(request, "kind", words_of(place)))
    return render(request, template, {"page": page, "span": span, "query": request.GET.urlencode()})


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The list under the charts; the marks on them are made of it."""
    place = asked_place(request)
    span = span_of(request, place)
    return render(request, "events/_list.html", {"list": events_list(request, place, span), "span": span})


@login_required
@require_GET
def note(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Note.objects.visible_to(request.user).select_related("site", "written_by")
    one = get_object_or_404(rows, pk=pk)
    here = crumbs.Crumb("Note", f"/events/notes/{pk}/")
    where = (crumbs.COMPANY, crumbs.site(one.site.code, one.site.name), here)
    page = {"title": f"A note at {one.place}", "crumbs": where, "note": one}
    span = page_span(request, one.site.time_zone)
    return render(request, "events/note.html", {"page": page, "span": span, "only_zone": True})


@login_required
@require_POST
def write(request: HttpRequest) -> HttpResponse:
    """A note about the site, container or device of the address; afterwards back to where it was written."""
    place = asked_place(request)
    if place.site is None:
        raise BadRequest("scope is site, container or device: a note is about one place.")
    span = span_of(request, place)
    try:
        request_id = uuid.UUID(request.POST.get("request_id", ""))
        at = moment(request.POST.get("at"), "at", span.zone)
    except (ValueError, WrongSpan) as why:
        raise BadRequest(f"The form was not whole: {why}.") from why
    try:
        notes.write(request_id, person(request), place.site, request.POST.get("words", ""), noted(place), at)
        messages.success(request, f"Noted at {place.words}.")
    except notes.NoteRefused as why:
        if why.is_right:
            raise PermissionDenied from why
        messages.error(request, f"{str(why)[:1].upper()}{str(why)[1:]}.")
    return redirect(back(request))


def noted(place: Place) -> notes.Place:
    if place.device is not None:
        box = place.device.container
        return notes.Place(box.pk, box.code, place.device.pk, place.device.slot)
    return notes.Place(place.container.pk, place.container.code) if place.container else notes.WHOLE


def back(request: HttpRequest) -> str:
    goal = request.POST.get("back", "")
    inside = goal.startswith("/") and url_has_allowed_host_and_scheme(goal, allowed_hosts=None)
    return goal if inside else f"/events/?{request.GET.urlencode()}"
