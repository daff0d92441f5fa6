"""The page of the ways by which a person is told: one's own mail and webhooks, and what became of messages."""

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.alerts import routes
from cango_ops.alerts.models import Alert, AlertRoute, Delivery
from cango_ops.alerts.refusal import Refused
from cango_ops.base.answers import person
from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from cango_ops.web.alerts.page import HERE
from cango_ops.web.alerts.views import sentence
from sites.models import Site

MOST: Final = 50


@dataclass(frozen=True)
class Way:
    """One route. site: code, where it is of one alone and still the person's."""

    route: AlertRoute
    site: str


@dataclass(frozen=True)
class RoutesPage:
    """secret: of a webhook that was just made; shown this once."""

    title: str
    crumbs: tuple[Crumb, ...]
    ways: tuple[Way, ...]
    deliveries: tuple[Delivery, ...]
    form: forms.Form
    secret: str


class RouteForm(forms.Form):
    """A new way."""

    channel = forms.ChoiceField(choices=AlertRoute.Channel.choices, label="By")
    url = forms.CharField(required=False, max_length=300, label="Address", help_text="Of a webhook alone.")
    least = forms.ChoiceField(choices=Alert.Severity.choices, label="From this gravity on")
    after_min = forms.IntegerField(
        min_value=0, max_value=1440, initial=0, label="Once nobody has taken it for, minutes",
        help_text="0: at once. More: as the next one to be called.",
    )  # fmt: skip
    site = forms.ModelChoiceField(Site.objects.none(), required=False, to_field_name="code", empty_label="All of mine")

    def __init__(self, *words: Any, user: User, **named: Any) -> None:
        super().__init__(*words, **named)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = Site.objects.visible_to(user)


@login_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = RouteForm(request.POST or None, user=user)
    secret = ""
    if form.is_valid():
        try:
            secret = add(user, form.cleaned_data)
        except Refused as why:
            form.add_error("url", sentence(why))
        else:
            if not secret:
                messages.success(request, f"Mail goes to {user.email}.")
                return redirect("alert-routes")
            form = RouteForm(user=user)
    shown = routes_page(user, form, secret)
    return render(request, "alerts/routes.html", {"page": shown}, status=400 if form.errors else 200)


def add(user: User, said: dict[str, Any]) -> str:
    """The secret of a new webhook; empty for mail. Raises Refused."""
    site_id = said["site"].pk if said["site"] else None
    if said["channel"] == AlertRoute.Channel.EMAIL:
        routes.add_mail(user, said["least"], 60 * said["after_min"], site_id)
        return ""
    return routes.add_webhook(user, said["url"], said["least"], 60 * said["after_min"], site_id)[1]


def routes_page(user: User, form: forms.Form, secret: str) -> RoutesPage:
    codes = dict(Site.objects.visible_to(user).values_list("pk", "code"))
    ways = tuple(Way(one, codes.get(one.site_id or 0, "")) for one in AlertRoute.objects.filter(user=user))
    sent = Delivery.objects.filter(route__user=user).select_related("alert", "route").order_by("-pk")[:MOST]
    return RoutesPage(
        title=f"You are told in {len(ways)} ways" if len(ways) > 1 else "You are told in one way" if ways
        else "You are told on the page alone",
        crumbs=(COMPANY, HERE, Crumb("Messages", "/alerts/messages/")), ways=ways, deliveries=tuple(sent), form=form,
        secret=secret,
    )  # fmt: skip


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    route = get_object_or_404(AlertRoute, pk=pk, user=person(request))
    routes.remove(route, person(request))
    messages.success(request, "Removed; what waited to be sent went with it.")
    return redirect("alert-routes")
