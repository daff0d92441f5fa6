"""The forms of a site's settings: its own figures, its pool, a meter."""

from decimal import Decimal
from typing import Any, Final

from django import forms

from compute.models import MiningTerms
from sites.meters.catalog import METERS
from sites.models import Meter, Site

PERCENT: Final = Decimal(100)


class SiteForm(forms.ModelForm):
    capacity_mw = forms.DecimalField(
        min_value=0, max_digits=9, decimal_places=3, label="Contracted power, MW", help_text="No plan draws more."
    )
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, label="Latitude, degrees north")
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, label="Longitude, degrees east")

    class Meta:
        model = Site
        fields = ("name", "capacity_mw", "latitude", "longitude")
        labels = {"name": "Name"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and (said["latitude"] is None) != (said["longitude"] is None):
            self.add_error("longitude", "Latitude and longitude are given together, or neither.")
        return said


class PoolForm(forms.ModelForm):
    fee_percent = forms.DecimalField(
        min_value=0, max_value=Decimal("99.99"), max_digits=4, decimal_places=2, label="Fee, % of the reward",
        help_text="Holds from now on: for plans at once, for production from the next measuring of its days.",
    )  # fmt: skip

    class Meta:
        model = MiningTerms
        fields = ("pool",)
        labels = {"pool": "Pool"}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.instance.pk:
            self.initial["fee_percent"] = (self.instance.fee_share * PERCENT).quantize(Decimal("0.01"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if "fee_percent" in said:
            self.instance.fee_share = said["fee_percent"] / PERCENT
        return said


class MeterForm(forms.ModelForm):
    map_name = forms.ChoiceField(choices=[(name, name) for name in sorted(METERS)], label="Register map")

    class Meta:
        model = Meter
        fields = ("name", "map_name", "address", "port", "unit_id")
        labels = {"name": "Meter", "address": "Address", "port": "Port", "unit_id": "Modbus unit"}
        help_texts = {"name": "One that is set again under its name changes; a site's power is the sum of its meters."}

    def clean_port(self) -> int:
        port: int = self.cleaned_data["port"]
        if not 0 < port < 65536:
            raise forms.ValidationError("A port is a number from 1 to 65535.")
        return port

    def clean_unit_id(self) -> int:
        unit: int = self.cleaned_data["unit_id"]
        if unit > 255:
            raise forms.ValidationError("A Modbus unit is a number from 0 to 255.")
        return unit
