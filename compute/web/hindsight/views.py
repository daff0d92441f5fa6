"""The page of months in hindsight."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cango_ops.base.answers import person
from compute.web.hindsight.page import hindsight_page


@login_required
@require_GET
def hindsight(request: HttpRequest) -> HttpResponse:
    shown = hindsight_page(person(request), request.GET.get("month", ""))
    return render(request, "switching/hindsight.html", {"page": shown, "only_zone": True})
