"""The page on which managers say which addresses may be asked at a site."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cango_ops.base.answers import person
from cango_ops.base.models import User
from compute.web.network.page import RangesForm, network_page
from compute.web.site_rights import site_to
from sites import ranges, rights


@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the ranges; a POST sets them all."""
    site = site_to(request, code, rights.CONFIGURE)
    form = RangesForm(request.POST or None, site)
    if form.is_valid() and were_set(person(request), form):
        messages.success(request, "The ranges are set; the next sweep asks inside them alone.")
        return redirect("network", site.code)
    return render(request, "sites/network.html", {"page": network_page(site, form)}, status=400 if form.errors else 200)


def were_set(actor: User, form: RangesForm) -> bool:
    """False, and the reason in the form, where they cannot be."""
    try:
        ranges.replace(actor, form.site, form.cleaned_data["ranges"], form.cleaned_data["looked_at"])
    except ranges.RangesRefused as refused:
        form.add_error("ranges", str(refused))
        return False
    return True
