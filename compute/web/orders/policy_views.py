"""The page of a site's policy for orders: what becomes of a request, by the role of who makes it."""

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cango_ops.base.answers import person
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.crumbs import site as site_crumb
from compute.commands import policies
from compute.commands.policy import DEFAULTS, Limits
from compute.models import CommandPolicy
from compute.web.site_rights import site_to
from sites import rights
from sites.models import Site


class PolicyForm(forms.ModelForm):
    """The policy for one requester."""

    requester = forms.ChoiceField(choices=CommandPolicy.Requester, label="Requests of")

    class Meta:
        model = CommandPolicy
        fields = ("requester", "mode", "max_kw", "max_hours", "max_usd", "two_person_above_kw")
        labels = {
            "max_kw": "By itself up to, kW", "max_hours": "And for up to, hours",
            "max_usd": "And at risk up to, $", "two_person_above_kw": "Two people approve above, kW",
        }  # fmt: skip
        help_texts = {"max_kw": "Of mode automatic alone.", "two_person_above_kw": "Exactly as much needs one."}


@dataclass(frozen=True)
class PolicyPage:
    """rows: (requester, limits, whether they were set here)."""

    title: str
    crumbs: tuple[Crumb, ...]
    place: Site
    rows: list[tuple[str, Limits, bool]]
    form: forms.ModelForm[CommandPolicy]


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    place = site_to(request, code, rights.ADMINISTER)
    form = PolicyForm(request.POST or None, initial=asdict(Limits()))
    if form.is_valid():
        policies.set_policy(place, form.cleaned_data["requester"], limits_of(form.cleaned_data), person(request))
        messages.success(request, "Set, for requests from now on.")
        return redirect("order-policy", code)
    shown = policy_page(place, form)
    return render(request, "orders/policy.html", {"page": shown}, status=400 if form.errors else 200)


def limits_of(said: dict[str, Any]) -> Limits:
    return Limits(**{name: value for name, value in said.items() if name != "requester"})


def policy_page(place: Site, form: forms.ModelForm[CommandPolicy]) -> PolicyPage:
    found = policies.of_site(place)
    return PolicyPage(
        title=f"Orders at {place.code}: who may what",
        crumbs=(COMPANY, site_crumb(place.code, place.name), Crumb("Policy", f"/commands/policy/{place.code}/")),
        place=place,
        rows=[
            (label, found.get(value, DEFAULTS[value]), value in found)
            for value, label in CommandPolicy.Requester.choices
        ],
        form=form,
    )
