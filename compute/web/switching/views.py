"""The pages of switching and the buttons on them. A button pressed twice does what it does once."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from cango_ops.base.answers import person
from cango_ops.base.chart import Chart
from cango_ops.base.page_span import page_span
from compute.commands.refusal import Refused
from compute.decisions import decide, queries
from compute.models import Decision, Plan
from compute.web import step_up
from compute.web.switching import decision as one
from compute.web.switching import page as pages
from compute.web.switching import what_if
from sites import rights
from sites.models import Site


@login_required
@require_GET
@csp_update({"style-src": "'unsafe-inline'"})
def company(request: HttpRequest) -> HttpResponse:
    context = {"page": pages.switching_page(person(request))} | zone_of(request)
    return render(request, "switching/company.html", context)


@login_required
@require_GET
def company_panel(request: HttpRequest) -> HttpResponse:
    context = {"page": pages.switching_page(person(request))} | zone_of(request)
    return render(request, "switching/_company_panel.html", context)


@login_required
@require_GET
def company_chart(request: HttpRequest) -> JsonResponse:
    return JsonResponse(pages.company_chart(person(request), request.GET.get("region", "")))


@login_required
@require_GET
@csp_update({"style-src": "'unsafe-inline'"})
def site(request: HttpRequest, code: str) -> HttpResponse:
    place = visible(request, code)
    shown = pages.site_page(person(request), place)
    context = {"page": shown, "what_if": what_if_of(request, place)} | zone_of(request, place)
    return render(request, "switching/site.html", context)


@login_required
@require_GET
def site_panel(request: HttpRequest, code: str) -> HttpResponse:
    place = visible(request, code)
    context = {"page": pages.site_page(person(request), place)} | zone_of(request, place)
    return render(request, "switching/_site_panel.html", context)


@login_required
@require_GET
def site_chart(request: HttpRequest, code: str) -> JsonResponse:
    return JsonResponse(pages.site_chart(visible(request, code)))


@login_required
@require_GET
def site_what_if(request: HttpRequest, code: str) -> HttpResponse:
    place = visible(request, code)
    return render(request, "switching/_what_if.html", {"what_if": what_if_of(request, place), "site": place})


def what_if_of(request: HttpRequest, place: Site) -> what_if.Answer | None:
    plan = Plan.objects.filter(site=place, inputs__isnull=False).order_by("-made_at").first()
    return what_if.answer(plan, what_if.percents(request.GET.dict())) if plan else None


def zone_of(request: HttpRequest, place: Site | None = None) -> dict[str, Any]:
    """The zone in which the page tells its times: as chosen, on the pages of a site its own; and whose events are
    marked on its chart."""
    span = page_span(request, place.time_zone if place else None)
    return {"span": span, "only_zone": True, "marked": (plan_chart(place),)}


def plan_chart(place: Site | None) -> Chart:
    """What the events need to know of the plan's chart, whose lines have an address of their own."""
    if place is None:
        return Chart("plan-chart", "Power by use", "fleet", (), "switching")
    return Chart("plan-chart", "Plan", "site", (), f"switching/{place.code}", place.code)


def visible(request: HttpRequest, code: str) -> Site:
    return get_object_or_404(Site.objects.visible_to(request.user).select_related("region"), code=code)


# One decision


@login_required
@require_GET
@csp_update({"style-src": "'unsafe-inline'"})
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    return shown_decision(request, pk, "switching/decision.html")


@login_required
@require_GET
def decision_panel(request: HttpRequest, pk: int) -> HttpResponse:
    return shown_decision(request, pk, "switching/_decision_panel.html")


@login_required
@require_GET
def decision_chart(request: HttpRequest, pk: int) -> JsonResponse:
    return JsonResponse(one.decision_chart(decision_of(request, pk).row.decision))


def shown_decision(request: HttpRequest, pk: int, template: str) -> HttpResponse:
    page = decision_of(request, pk)
    return render(request, template, {"page": page} | zone_of(request, page.row.decision.site))


def decision_of(request: HttpRequest, pk: int) -> one.DecisionPage:
    seen = queries.with_people(Decision.objects.visible_to(request.user))
    return one.decision_page(person(request), get_object_or_404(seen.select_related("plan"), pk=pk))


# Deciding


@login_required
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Decision.objects.visible_to(request.user).select_related("site")
    wanted = get_object_or_404(rows, pk=pk)
    may = rights.may(person(request), rights.APPROVE, wanted.site)
    if may and step_up.is_needed(request, wanted.approvals_needed):
        return step_up.ask(request, f"/switching/{pk}/")
    return decided(request, pk, lambda judged: came_of(decide.approve(judged, person(request))))


@login_required
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")

    def deed(judged: Decision) -> str:
        decide.refuse(judged, person(request), reason)
        return "Refused."

    return decided(request, pk, deed)


@login_required
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    def deed(judged: Decision) -> str:
        decide.hold(judged, person(request), decide.HOLD_MIN)
        return f"On hold for {decide.HOLD_MIN} minutes: nothing else is proposed at the site meanwhile."

    return decided(request, pk, deed)


def came_of(decision: Decision) -> str:
    """What a yes led to. Raises Refused where it was the last one that was needed, and no order could be made."""
    if decision.state == Decision.State.PROPOSED:
        return "Approved; one more person is needed."
    if decision.state == Decision.State.FAILED:
        raise Refused(f"approved, but nothing was done: {decision.end_reason}")
    orders = len(decision.order_ids)
    return f"Approved: {'an order was' if orders == 1 else f'{orders} orders were'} made of it."


def decided(request: HttpRequest, pk: int, deed: Callable[[Decision], str]) -> HttpResponse:
    """Does it, says what came of it, and goes back to where the button was."""
    rows = Decision.objects.visible_to(request.user).select_related("site")
    judged = get_object_or_404(rows, pk=pk)
    try:
        messages.success(request, deed(judged))
    except Refused as why:
        messages.error(request, f"{str(why)[:1].upper()}{str(why)[1:]}.")
    places = {"site": f"/sites/{judged.site.code}/switching/", "decision": f"/switching/{pk}/"}
    back = places.get(request.POST.get("from", ""), "/switching/")
    return HttpResponseClientRedirect(back) if request.htmx else redirect(back)  # type: ignore[attr-defined]
