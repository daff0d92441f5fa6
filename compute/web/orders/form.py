"""What a person asks for on the request form: read from the address, previewed, and turned into a wish."""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from cango_ops.base.crumbs import COMPANY, Crumb, site
from cango_ops.base.models import User
from compute.commands import policies
from compute.commands.hold import is_held
from compute.commands.policy import Ruling, Wish, rule
from compute.commands.preview import Preview, preview
from compute.commands.request import Wanted
from compute.models import Container, Device, Verb
from compute.models.command import MACHINE_VERBS
from compute.web.orders.queue import HERE
from sites.models import Site

MOST_PLACES = 2000


class WishForm(forms.Form):
    """Which machines, what, and for how long; with why, once somebody asks for it in earnest."""

    verb = forms.ChoiceField(choices=MACHINE_VERBS, initial=Verb.SLEEP, widget=forms.RadioSelect, label="They shall")
    limit_w = forms.IntegerField(
        min_value=1, max_value=100_000, required=False, label="Limit, W of each machine",
        help_text="For a power limit alone.",
    )  # fmt: skip
    hours = forms.FloatField(
        min_value=0.1, max_value=8784, required=False, label="For how long, hours",
        help_text="Empty: until something else is said. The site's limits count it; nothing is undone by itself.",
    )  # fmt: skip
    box = forms.ModelMultipleChoiceField(
        Container.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Whole containers"
    )
    device = forms.ModelMultipleChoiceField(
        Device.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Single machines"
    )

    def __init__(self, *args: Any, place: Site, boxes: QuerySet[Container], devices: QuerySet[Device]) -> None:
        super().__init__(*args)
        self.place = place
        self.fields["box"].queryset = boxes  # type: ignore[attr-defined]
        self.fields["device"].queryset = devices  # type: ignore[attr-defined]
        self.fields["device"].label_from_instance = lambda one: str(one.slot)  # type: ignore[attr-defined]
        self.fields["box"].label_from_instance = lambda one: one.code  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        limits = cleaned.get("verb") == Verb.POWER_LIMIT
        if limits and not cleaned.get("limit_w"):
            self.add_error("limit_w", "A power limit needs watts.")
        if not limits:
            cleaned["limit_w"] = None
        if not cleaned.get("box") and not cleaned.get("device"):
            self.add_error(None, "Choose at least one container or machine.")
        return cleaned

    def device_ids(self) -> tuple[int, ...]:
        wish = self.cleaned_data
        rows = Device.objects.filter(Q(container__in=wish["box"]) | Q(pk__in=wish["device"]), site=self.place)
        return tuple(rows.values_list("pk", flat=True))


@dataclass(frozen=True)
class RequestPage:
    """form: what is asked for.   seen, ruling: once it can be previewed.   refused: why it was not taken."""

    title: str
    crumbs: tuple[Crumb, ...]
    place: Site
    container: Container | None
    form: WishForm
    seen: Preview | None
    ruling: Ruling | None
    request_id: str
    hidden: list[tuple[str, str]]
    reason: str = ""
    refused: str = ""


def wish_form(data: Any, place: Site, container: Container | None) -> WishForm:
    boxes = Container.objects.filter(site=place, pk=container.pk) if container else Container.objects.filter(site=place)
    devices = Device.objects.filter(container=container) if container else Device.objects.filter(site=place)
    # A site's machines are not listed one by one; one that the address names is taken all the same.
    return WishForm(data or None, place=place, boxes=boxes.order_by("code"), devices=devices.order_by("slot"))


def request_page(
    user: User,
    form: WishForm,
    container: Container | None,
    *,
    request_id: str = "",
    reason: str = "",
    refused: str = "",
) -> RequestPage:
    seen = ruling = None
    if form.is_bound and form.is_valid():
        wish = form.cleaned_data
        seen = preview(form.place, wish["verb"], form.device_ids(), wish["limit_w"], wish["hours"])
        asks = Wish(seen.change_w / 1000, wish["hours"], seen.risk_usd, is_held=is_held(form.place))
        ruling = rule(policies.limits_of(form.place, user), asks)
    where = f"{form.place.code} {container.code}" if container else form.place.code
    return RequestPage(
        title=f"Order to machines of {where}",
        crumbs=(COMPANY, HERE, site(form.place.code, form.place.name), Crumb("New order", "/commands/new/")),
        place=form.place,
        container=container,
        form=form,
        seen=seen,
        ruling=ruling,
        request_id=request_id or str(uuid.uuid4()),
        hidden=said(form) if seen else [],
        reason=reason,
        refused=refused,
    )


def said(form: WishForm) -> list[tuple[str, str]]:
    """The previewed wish as the hidden fields of the request: what was seen is what is asked for."""
    wish = form.cleaned_data
    single = [("verb", wish["verb"]), ("limit_w", wish["limit_w"] or ""), ("hours", wish["hours"] or "")]
    many = [("box", box.pk) for box in wish["box"]] + [("device", one.pk) for one in wish["device"]]
    return [(name, str(value)) for name, value in single + many]


def wanted(form: WishForm, request_id: uuid.UUID, reason: str) -> Wanted:
    """Of a valid form."""
    wish = form.cleaned_data
    return Wanted(request_id, form.place, wish["verb"], form.device_ids(), reason, wish["limit_w"], wish["hours"])
