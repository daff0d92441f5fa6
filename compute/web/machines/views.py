"""The page of the list of machines."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cango_ops.base.answers import person
from compute.web.choices import one_of
from compute.web.machines.page import SORTS, STATES, machines_page
from sites.models import Site


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    code = request.GET.get("site", "")
    if any("\x00" in value for value in request.GET.values()):
        raise BadRequest("a filter holds a NUL byte.")
    if code and not Site.objects.visible_to(request.user).filter(code=code[:16]).exists():
        raise Http404
    state, sort = one_of(request, "state", STATES), one_of(request, "sort", SORTS)
    shown = machines_page(person(request), request.GET.dict(), state, sort)
    return render(request, "machines/machines.html", {"page": shown})
