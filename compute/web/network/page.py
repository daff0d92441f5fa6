"""What the page of a site's address ranges shows."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings

from cango_ops.base import crumbs
from compute.models import Device
from sites import ranges
from sites.models import Site
from sites.ranges import Allowed, RangesRefused, parse

MOST_NAMED = 12


class RangesForm(forms.Form):
    """All ranges of the site, a line each."""

    ranges = forms.CharField(
        max_length=20_000, required=False, label="Ranges and their ports",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text="A range and its ports a line, such as 10.20.0.0/22 80 4028 9400-9410.",
    )  # fmt: skip
    looked_at = forms.CharField(max_length=16, widget=forms.HiddenInput)

    def __init__(self, data: Any, site: Site) -> None:
        standing = ranges.of_site(site)
        words = {"ranges": "\n".join(map(str, standing)), "looked_at": ranges.mark(standing)}
        super().__init__(data, initial=words)
        self.site = site

    def clean_ranges(self) -> list[Allowed]:
        try:
            return parse(self.cleaned_data["ranges"])
        except RangesRefused as refused:
            raise forms.ValidationError(str(refused)) from None


@dataclass(frozen=True)
class NetworkPage:
    """outside: machines and meters of the map that are not asked, as they stand; more: how many beyond them."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    site: Site
    form: RangesForm
    bounds: tuple[str, ...]
    outside: tuple[str, ...]
    more: int


def network_page(site: Site, form: RangesForm) -> NetworkPage:
    outside = left_outside(site)
    where = (
        crumbs.COMPANY, crumbs.region(site.region.code, site.region.name), crumbs.site(site.code, site.name),
        crumbs.Crumb("Addresses", f"/sites/{site.code}/network/"),
    )  # fmt: skip
    return NetworkPage(
        title=f"Addresses that may be asked at {site.name}",
        crumbs=where,
        site=site,
        form=form,
        bounds=tuple(settings.MACHINE_NETWORKS),
        outside=tuple(outside[:MOST_NAMED]),
        more=max(0, len(outside) - MOST_NAMED),
    )


def left_outside(site: Site) -> list[str]:
    reach = ranges.reaches([site.pk])[site.pk]
    meters = site.meters.values_list("name", "address", "port")
    rows = Device.objects.filter(site=site).order_by("container__code", "slot")
    machines = rows.values_list("container__code", "slot", "address", "port")
    found = [f"meter {name} at {address}:{port}" for name, address, port in meters if reach.refusal(address, port)]
    found += [f"{code}/{slot} at {ip}:{port}" for code, slot, ip, port in machines if reach.refusal(ip, port)]
    return found
