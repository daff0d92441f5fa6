"""The pages of orders, and the buttons on them. A button pressed twice does what it does once."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from cango_ops.base.answers import person
from cango_ops.base.page_span import page_span
from compute.commands import approve, confirm
from compute.commands.refusal import Refused
from compute.commands.request import request as ask_for
from compute.commands.request import retry as try_again
from compute.models import Command, Container, Order
from compute.web import step_up
from compute.web.choices import one_of
from compute.web.orders.form import WishForm, request_page, wanted, wish_form
from compute.web.orders.page import ALL, order_page
from compute.web.orders.queue import STATES, VERBS, Asked, queue_page
from compute.web.site_rights import site_to
from sites import rights
from sites.models import Site


@login_required
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    return shown_queue(request, "orders/queue.html")


@login_required
@require_GET
def queue_panel(request: HttpRequest) -> HttpResponse:
    return shown_queue(request, "orders/_queue_panel.html")


def shown_queue(request: HttpRequest, template: str) -> HttpResponse:
    page = queue_page(person(request), asked_of(request), request.GET.dict())
    context = {"page": page, "span": page_span(request), "only_zone": True, "query": request.GET.urlencode()}
    return render(request, template, context)


def asked_of(request: HttpRequest) -> Asked:
    """Another tenant's site is 404, a word that is no state a bad request."""
    site, who = request.GET.get("site", ""), request.GET.get("person", "")
    if "\x00" in site + who:
        raise BadRequest("a filter holds a NUL byte.")
    if site and not Site.objects.visible_to(request.user).filter(code=site[:16]).exists():
        raise Http404
    return Asked(one_of(request, "state", STATES), site, one_of(request, "verb", VERBS), who)


@login_required
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "orders/order.html", shown(request, visible(request, pk)))


@login_required
@require_GET
def order_panel(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "orders/_order_panel.html", shown(request, visible(request, pk)))


def shown(request: HttpRequest, one: Order) -> dict[str, object]:
    state = one_of(request, "state", (ALL, *Command.State.values))
    page = order_page(person(request), one, request.GET.dict(), state)
    span = page_span(request, one.site.time_zone)
    return {
        "page": page, "query": request.GET.urlencode(), "request_id": uuid.uuid4(), "span": span, "only_zone": True
    }  # fmt: skip


def visible(request: HttpRequest, pk: int) -> Order:
    orders = Order.objects.visible_to(request.user).select_related("site__region", "requested_by")
    return get_object_or_404(orders.prefetch_related("approvals__approver"), pk=pk)


# Asking


@login_required
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """The form; with a verb in the address also what it would do."""
    place, container = where(request, request.GET)
    form = wish_form(request.GET if "verb" in request.GET else None, place, container)
    return render(request, "orders/new.html", {"page": request_page(person(request), form, container)})


@login_required
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    place, container = where(request, request.POST)
    form = wish_form(request.POST, place, container)
    key, reason = id_of(request), request.POST.get("reason", "")
    if not form.is_valid():
        return again(request, form, container, key, reason, "What was asked for is not understood any more.", 400)
    try:
        made = ask_for(wanted(form, key, reason), person(request))
    except Refused as why:
        return again(request, form, container, key, reason, sentence(why), 403 if why.is_right else 409)
    return to(request, f"/commands/{made.pk}/")


def again(
    request: HttpRequest,
    form: WishForm,
    container: Container | None,
    key: uuid.UUID,
    reason: str,
    why: str,
    status: int,
) -> HttpResponse:
    page = request_page(person(request), form, container, request_id=str(key), reason=reason, refused=why)
    return render(request, "orders/new.html", {"page": page}, status=status)


def where(request: HttpRequest, said: object) -> tuple[Site, Container | None]:
    """The site, and the container where one is named. Raises Http404 and PermissionDenied."""
    container_id, code = said.get("container", ""), said.get("site", "")  # type: ignore[attr-defined]
    container = None
    if container_id:
        if not container_id.isdecimal() or len(container_id) > 18:
            raise Http404
        boxes = Container.objects.visible_to(request.user).select_related("site")
        container = get_object_or_404(boxes, pk=container_id)
        code = container.site.code
    return site_to(request, code, rights.OPERATE), container


# Judging


def judged(do: Callable[[HttpRequest, Order], str]) -> Callable[..., HttpResponse]:
    """A button of an order: does it, says so, and shows the order as it is now."""

    @login_required
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        one = visible(request, pk)
        try:
            said = do(request, one)
        except Refused as why:
            messages.error(request, sentence(why))
        else:
            messages.success(request, said)
        return to(request, f"/commands/{pk}/")

    return view


def _approve(request: HttpRequest, one: Order) -> str:
    state = approve.approve(one, person(request)).state
    if state == Order.State.REQUESTED:
        return "Approved; one more person is needed."
    return "It was approved, and is done." if state == Order.State.DONE else "Approved: it runs."


def _refuse(request: HttpRequest, one: Order) -> str:
    approve.refuse(one, person(request), request.POST.get("reason", ""))
    return "Refused."


def _stop(request: HttpRequest, one: Order) -> str:
    approve.stop(one, person(request), request.POST.get("reason", ""))
    return "Stopped: nothing more of it leaves."


def _retry(request: HttpRequest, one: Order) -> str:
    made = try_again(one, id_of(request), person(request), f"again what failed of order {one.pk}")
    return f"Requested as order {made.pk}."


_approve_it, refuse_it, stop_it, retry_it = (judged(do) for do in (_approve, _refuse, _stop, _retry))


@login_required
@require_POST
def approve_it(request: HttpRequest, pk: int) -> HttpResponse:
    if step_up.is_needed(request, visible(request, pk).approvals_needed):
        return step_up.ask(request, f"/commands/{pk}/")
    return _approve_it(request, pk)


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody found at the machine of an unknown command."""
    rows = Command.objects.filter(order__in=Order.objects.visible_to(request.user)).select_related("order__site")
    command = get_object_or_404(rows, pk=pk)
    has_worked = request.POST.get("has_worked")
    if has_worked not in ("yes", "no"):
        raise BadRequest("has_worked is yes or no.")
    try:
        confirm.settle(command, person(request), has_worked=has_worked == "yes", words=request.POST.get("words", ""))
    except Refused as why:
        messages.error(request, sentence(why))
    return to(request, f"/commands/{command.order_id}/")


def id_of(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        raise BadRequest("request_id is a UUID that the form made.") from None


def sentence(why: Refused) -> str:
    words = str(why)
    return f"{words[:1].upper()}{words[1:]}."


def to(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if getattr(request, "htmx", None) else redirect(url)
