"""The pages of alerts, their fragments, and the buttons on them. A button pressed twice does what it does once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from cango_ops.alerts import acknowledge, queries, silencing
from cango_ops.alerts.models import Alert, Silence
from cango_ops.alerts.refusal import Refused
from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from cango_ops.web.alerts.page import SEVERITIES, WORDS, alert_page, alerts_page, charts_of, is_late, last_judged
from cango_ops.web.alerts.rows import MOST_NEEDS, calling, row
from cango_ops.web.alerts.seen import may_act, may_silence_site, seen
from cango_ops.web.overview.region import region_of
from cango_ops.web.shared import shared
from compute.web.choices import one_of
from sites.models import Site

# How long the moment of the last round is kept: it is asked for by every overview.
JUDGED_S: Final = 10.0


@login_required
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    return shown(request, "alerts/alerts.html")


@login_required
@require_GET
def panel(request: HttpRequest) -> HttpResponse:
    return shown(request, "alerts/_alerts_panel.html")


def shown(request: HttpRequest, template: str) -> HttpResponse:
    state, severity, code = one_of(request, "state", WORDS), one_of(request, "severity", SEVERITIES), site_of(request)
    page = alerts_page(person(request), request.GET.dict(), state, severity, code)
    context = {"page": page, "span": page_span(request), "only_zone": True, "query": request.GET.urlencode()}
    return render(request, template, context)


def site_of(request: HttpRequest) -> str:
    """The code of a visible site that the list is narrowed to, or nothing."""
    code = request.GET.get("site", "")
    if code and not Site.objects.visible_to(request.user).filter(code=code[:16]).exists():
        raise Http404
    return code


def visible(request: HttpRequest, pk: int) -> Alert:
    rows = Alert.objects.filter(seen(person(request))).select_related("acknowledged_by", "covered_by")
    return get_object_or_404(rows, pk=pk)


@login_required
@csp_update({"style-src": "'unsafe-inline'"})
@require_GET
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    one = visible(request, pk)
    context = {"page": alert_page(person(request), one), "span": page_span(request), "charts": charts_of(one)}
    return render(request, "alerts/alert.html", context)


@login_required
@require_GET
def one_panel(request: HttpRequest, pk: int) -> HttpResponse:
    page = alert_page(person(request), visible(request, pk))
    return render(request, "alerts/_alert_panel.html", {"page": page, "span": page_span(request)})


# Fragments of other pages


@login_required
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """The number in the top bar."""
    return render(request, "alerts/_count.html", {"calling": calling(request)})


@login_required
@require_GET
def needs(request: HttpRequest) -> HttpResponse:
    """The overview's list of what needs somebody."""
    return render(request, "alerts/_needs.html", {"needs": needs_of(request), "span": page_span(request)})


def needs_of(request: HttpRequest) -> dict[str, object]:
    """Of all that the person sees, or of one region's sites."""
    region = region_of(request)
    if not region:
        found = calling(request)
    else:
        sites = Site.objects.visible_to(request.user).filter(region__code=region).values_list("pk", flat=True)
        found = queries.calling(seen(person(request)), MOST_NEEDS, list(sites))
    judged_at = shared(JUDGED_S, "alerts-judged", make=last_judged)
    return {
        "rows": [row(one) for one in found.worst],
        "count": found.count,
        "judged_at": judged_at,
        "is_late": is_late(judged_at, clock.now()),
    }


@login_required
@require_GET
def of_site(request: HttpRequest, code: str) -> HttpResponse:
    """The open alerts of a site, for its page."""
    site = get_object_or_404(Site.objects.visible_to(request.user), code=code)
    found = queries.calling(seen(person(request)), MOST_NEEDS, [site.pk])
    context = {"rows": [row(one) for one in found.worst], "more": found.count - len(found.worst), "code": code}
    return render(request, "alerts/_of_site.html", context)


# Buttons


def judged(do: Callable[[HttpRequest, Alert], str]) -> Callable[..., HttpResponse]:
    """A button of an alert: does it, says so, and shows the alert, or the list it was pressed in."""

    @login_required
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        one = visible(request, pk)
        if not may_act(person(request), one):
            raise PermissionDenied
        try:
            messages.success(request, do(request, one))
        except Refused as why:
            messages.error(request, sentence(why))
        return back(request, f"/alerts/{pk}/")

    return view


def _acknowledge(request: HttpRequest, one: Alert) -> str:
    acknowledge.acknowledge(one, person(request), request.POST.get("note", ""))
    return f"You have it: {one.place}."


def _comment(request: HttpRequest, one: Alert) -> str:
    acknowledge.comment(one, person(request), request.POST.get("note", ""))
    return "Noted."


def _silence(request: HttpRequest, one: Alert) -> str:
    whole = request.POST.get("whole_site") == "yes"
    if whole and not may_silence_site(person(request), one):
        raise Refused("a whole site is silenced by its duty manager", is_right=True)
    made = silencing.silence(
        one, person(request), request.POST.get("reason", ""), timedelta(hours=hours_of(request)), whole_site=whole
    )
    return f"Silent until {made.until_at:%d %b %H:%M} UTC."


acknowledge_it, comment_it, silence_it = (judged(do) for do in (_acknowledge, _comment, _silence))


@login_required
@require_POST
def end_silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one alert's subject by whoever may act at it, of a site by whoever may silence one."""
    silence = get_object_or_404(Silence, pk=pk)
    mine = Alert.objects.filter(seen(person(request)))
    of = (
        mine.filter(rule=silence.rule, subject=silence.subject)
        if silence.rule
        else mine.filter(site_id=silence.site_id)
    )
    one = of.order_by("-pk").first()
    if one is None:
        raise Http404
    if not (may_act if silence.rule else may_silence_site)(person(request), one):
        raise PermissionDenied
    messages.success(request, "Ended." if silencing.end(silence, person(request)) else "It was over.")
    return back(request, "/alerts/")


def hours_of(request: HttpRequest) -> float:
    try:
        hours = float(request.POST.get("hours", ""))
    except ValueError:
        raise BadRequest("hours is a number.") from None
    if not 0 < hours <= 24 * silencing.LONGEST.days:
        raise BadRequest(f"hours is at most {24 * silencing.LONGEST.days}.")
    return hours


def sentence(why: Refused) -> str:
    words = str(why)
    return f"{words[:1].upper()}{words[1:]}."


def back(request: HttpRequest, url: str) -> HttpResponse:
    """To the list where the button was pressed there, with its filters."""
    asked = request.POST.get("list")
    goal = url if asked is None else "/alerts/" + (f"?{asked}" if asked else "")
    return HttpResponseClientRedirect(goal) if getattr(request, "htmx", None) else redirect(goal)
