"""The page of a site's GPU contracts: whoever sees the site reads; those who configure it set and end them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cango_ops.base import clock, crumbs
from cango_ops.base.answers import person
from cango_ops.base.figures import counted
from cango_ops.base.models import AuditEvent
from compute.market import demand, sell
from compute.market import spot as spots
from compute.market.demand import Committed, Spot
from compute.market.sell import ContractRefused
from compute.market.spot import Asked, SpotRefused
from compute.models import Device, GpuContract
from compute.web.site_rights import site_to
from sites import rights
from sites.models import Site


class GpuContractForm(forms.ModelForm):
    class Meta:
        model = GpuContract
        fields = sell.FIELDS
        labels = {
            "customer": "Customer", "nodes": "Nodes", "usd_per_node_h": "Price, $/node-hour",
            "penalty_usd_per_node_h": "Penalty of a missing node, $/h", "begin_at": "From (UTC)",
            "end_at": "Until (UTC)",
        }  # fmt: skip
        help_texts = {"end_at": "Empty: until somebody ends it."}
        widgets = dict.fromkeys(
            ("begin_at", "end_at"), forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("begin_at") and said.get("end_at") and said["end_at"] <= said["begin_at"]:
            self.add_error("end_at", "It ends before it begins.")
        return said


class SpotForm(forms.Form):
    nodes = forms.IntegerField(min_value=0, max_value=1_000_000, label="Nodes beyond the contracts")
    usd_per_node_h = forms.DecimalField(min_value=0, max_digits=10, decimal_places=4, label="Price, $/node-hour")
    good_until = forms.DateTimeField(
        label="Good until (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        help_text="Afterwards nobody knows, and these nodes are left as they are.",
    )  # fmt: skip


@dataclass(frozen=True)
class GpuContractsPage:
    """held: all that hold now together.   nodes: how many stand at the site.   changing: the one in the form."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    may_change: bool
    contracts: list[tuple[GpuContract, str]]
    held: Committed
    spot: Spot
    nodes: int
    form: GpuContractForm
    changing: GpuContract | None
    may_tell: bool
    spot_form: SpotForm
    changes: list[AuditEvent]


@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    site = site_to(request, code, rights.SEE)
    changing = chosen(request, site)
    data = request.POST if request.method == "POST" else None
    form = GpuContractForm(data, instance=changing, initial={"begin_at": clock.now()} if changing is None else {})
    if data is not None and was_set(request, site, form):
        messages.success(request, "Set. The next planning round reckons with it.")
        return redirect("gpu-contracts", site.code)
    shown = gpu_page(request, site, form, changing, SpotForm(prefix="spot"))
    context = {"page": shown, "only_zone": True}
    return render(request, "contract/gpu.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def spot(request: HttpRequest, code: str) -> HttpResponse:
    """What the spot market asks for, told by whoever operates the site."""
    site = site_to(request, code, rights.OPERATE)
    form = SpotForm(request.POST, prefix="spot")
    if form.is_valid() and spot_was_told(request, site, form):
        return redirect("gpu-contracts", site.code)
    empty = GpuContractForm(initial={"begin_at": clock.now()})
    context = {"page": gpu_page(request, site, empty, None, form), "only_zone": True}
    return render(request, "contract/gpu.html", context, status=400)


def spot_was_told(request: HttpRequest, site: Site, form: SpotForm) -> bool:
    """False, and the reason in the form, where it cannot be."""
    who = person(request)
    try:
        spots.tell(who, site, Asked(observed_at=clock.now(), source=who.email[:100], **form.cleaned_data))
    except SpotRefused as why:
        form.add_error(why.field if why.field in form.fields else None, f"{str(why)[:1].upper()}{str(why)[1:]}.")
        return False
    messages.success(request, "Told. The next planning round reckons with it.")
    return True


def chosen(request: HttpRequest, site: Site) -> GpuContract | None:
    """The contract that the address or the form names."""
    text = request.POST.get("contract") or request.GET.get("contract") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadRequest("contract is the number of a contract.")
    return get_object_or_404(GpuContract, site=site, pk=int(text))


def was_set(request: HttpRequest, site: Site, form: GpuContractForm) -> bool:
    """False, and the reason in the form, where it cannot be."""
    if not sell.may_sell(person(request), site):
        raise PermissionDenied
    if not form.is_valid():
        return False
    try:
        sell.set_contract(person(request), site, form.save(commit=False))
    except ContractRefused as why:
        form.add_error(None, f"{str(why)[:1].upper()}{str(why)[1:]}")
        return False
    return True


def gpu_page(
    request: HttpRequest, site: Site, form: GpuContractForm, changing: GpuContract | None, spot_form: SpotForm
) -> GpuContractsPage:
    now = clock.now()
    held = demand.committed(site, now)
    nodes = Device.objects.filter(site=site, is_gpu=True).count()
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("GPU contracts", f"/sites/{site.code}/gpu-contracts/"),
    )  # fmt: skip
    return GpuContractsPage(
        title=f"{site.name}: {held.nodes} of {counted(nodes, 'node')} sold by contract",
        crumbs=where,
        site=site,
        may_change=sell.may_sell(person(request), site),
        contracts=[(row, state_of(row, now)) for row in GpuContract.objects.filter(site=site).order_by("-begin_at")],
        held=held,
        spot=demand.spot(site, now),
        nodes=nodes,
        form=form,
        changing=changing,
        may_tell=spots.may_tell(person(request), site),
        spot_form=spot_form,
        changes=sell.history(site),
    )


def state_of(row: GpuContract, now: datetime) -> str:
    if row.begin_at > now:
        return "begins later"
    return "ended" if row.end_at is not None and row.end_at <= now else "holds"
