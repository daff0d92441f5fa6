"""The forms of a site's agreements: a power contract with its terms in lines, storage, a programme."""

from decimal import Decimal
from typing import Any, Final

import msgspec
from django import forms

from sites.models import Battery, PowerContract, Programme, SolarPlant
from sites.tariffs import lines
from sites.tariffs.terms import BadTerms, Block, Coincident, Export, Terms, parse_terms

NO_EXPORT, FIXED_EXPORT = "none", "fixed"
EXPORTS: Final = [
    (NO_EXPORT, "nothing is bought back"), (FIXED_EXPORT, "at a fixed price"), ("real_time", "at the real-time price"),
    ("day_ahead", "at the day-ahead price"),
]  # fmt: skip
INDICES: Final = [("real_time", "Real time"), ("day_ahead", "Day ahead")]

PERIODS_HELP: Final = "A line each: 85.00 evening @ 17:00-21:00 mon-fri jun-sep. The first that holds counts."


def written(rows: int, help_text: str, label: str) -> forms.CharField:
    """A field of lines."""
    attrs = {"rows": rows, "spellcheck": "false", "autocomplete": "off"}
    area = forms.Textarea(attrs=attrs)
    return forms.CharField(required=False, max_length=20_000, widget=area, help_text=help_text, label=label)


def dollars(label: str, help_text: str = "", **more: Any) -> forms.DecimalField:
    return forms.DecimalField(max_digits=12, decimal_places=4, required=False, label=label, help_text=help_text, **more)


class ContractForm(forms.ModelForm):
    """A power contract. Valid, its instance has terms that the tariff engine takes."""

    index = forms.ChoiceField(choices=INDICES, label="Index", help_text="Of an indexed contract.")
    multiplier = dollars("Times the index", "1.02 pays the losses of the way.")
    periods = written(4, PERIODS_HELP, "Periods")
    demand_charges = written(2, "A line each: $/MW, metering minutes, name: 6500 15 month @ mon-fri.", "Demand charges")
    coincident_usd = dollars("Coincident peak, $/MW")
    coincident_when = forms.CharField(
        required=False,
        max_length=200,
        label="That peak may fall into",
        help_text="Such as 15:00-18:00 mon-fri jun-sep.",
    )
    coincident_hours = forms.IntegerField(required=False, min_value=1, max_value=744, label="Peak hours a month")
    block_mwh = dollars("Take or pay, MWh a month")
    block_usd = dollars("Take or pay at, $/MWh")
    block_resale = forms.BooleanField(required=False, label="What is not taken is sold back at the market's price")
    export = forms.ChoiceField(choices=EXPORTS, label="Fed-in energy")
    export_usd = dollars("Fed in at, or plus, $/MWh")
    export_limit = dollars("Fed in at most, MW", min_value=Decimal(0))
    holidays = written(2, "A day a line, such as 2026-12-25.", "Holidays")

    class Meta:
        model = PowerContract
        fields = ("valid_from", "kind", "supplier", "price_usd_per_mwh", "market")
        labels = {
            "valid_from": "Holds from", "price_usd_per_mwh": "Price, or adder to the index, $/MWh", "kind": "Kind",
            "supplier": "Supplier", "market": "Market",
        }  # fmt: skip
        help_texts = {"valid_from": "By the site's calendar; the contract before it ends the day before."}
        widgets = {"valid_from": forms.DateInput({"type": "date"}, "%Y-%m-%d")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("kind") == PowerContract.Kind.INDEX and not said.get("market"):
            self.add_error("market", "An indexed contract names its market, such as ERCOT-WEST.")
        if said.get("kind") == PowerContract.Kind.TIME_OF_USE and not said.get("periods", "").strip():
            self.add_error("periods", "A contract by time of use has at least one period.")
        try:
            self.instance.terms = msgspec.to_builtins(self._terms(said), str_keys=True, order="deterministic")
            parse_terms(self.instance.terms)
        except BadTerms as why:
            self.add_error(None, f"{why}.")
        return said

    def _terms(self, said: dict[str, Any]) -> Terms:
        """Raises BadTerms; what is wrong with lines stands at their field."""
        return Terms(
            index=said.get("index") or "real_time",
            multiplier=Decimal(1) if (times := said.get("multiplier")) is None else times,
            periods=self._lines("periods", lines.parse_period),
            demand_charges=self._lines("demand_charges", lines.parse_charge),
            holidays=frozenset(self._lines("holidays", lines.parse_day)),
            coincident_peak=self._coincident(said),
            take_or_pay=self._block(said),
            export=self._export(said),
        )

    def _lines(self, name: str, parse: Any) -> tuple[Any, ...]:
        try:
            return lines.parse_lines(self.cleaned_data.get(name) or "", parse)
        except BadTerms as why:
            self.add_error(name, f"{str(why)[:1].upper()}{str(why)[1:]}.")
            return ()

    def _coincident(self, said: dict[str, Any]) -> Coincident | None:
        if said.get("coincident_usd") is None:
            return None
        try:
            when = lines.parse_when(said.get("coincident_when") or "")
        except BadTerms as why:
            self.add_error("coincident_when", f"{why}.")
            return None
        return Coincident(said["coincident_usd"], when, said.get("coincident_hours") or 20)

    def _block(self, said: dict[str, Any]) -> Block | None:
        if said.get("block_mwh") is None:
            return None
        if said.get("block_usd") is None:
            self.add_error("block_usd", "A block has a price.")
            return None
        return Block(said["block_mwh"], said["block_usd"], bool(said.get("block_resale")))

    def _export(self, said: dict[str, Any]) -> Export | None:
        kind: Any = said.get("export") or NO_EXPORT
        if kind == NO_EXPORT:
            return None
        index = None if kind == FIXED_EXPORT else kind
        if index and not said.get("market"):
            self.add_error("market", "Fed-in energy at an index needs its market.")
        return Export(said.get("export_usd") or Decimal(0), index, said.get("export_limit"))


def written_terms(row: PowerContract | None) -> dict[str, Any]:
    """The contract's terms as the form's fields hold them."""
    start: dict[str, Any] = {"index": "real_time", "multiplier": Decimal(1), "export": NO_EXPORT}
    if row is None:
        return start
    try:
        terms = parse_terms(row.terms)
    except BadTerms:
        return start
    said = start | {
        "index": terms.index, "multiplier": terms.multiplier,
        "periods": lines.lines_of(map(lines.period_line, terms.periods)),
        "demand_charges": lines.lines_of(map(lines.charge_line, terms.demand_charges)),
        "holidays": lines.lines_of(day.isoformat() for day in sorted(terms.holidays)),
    }  # fmt: skip
    if peak := terms.coincident_peak:
        said |= {"coincident_usd": peak.usd_per_mw, "coincident_when": lines.when_words(peak.when),
                 "coincident_hours": peak.hours_a_month}  # fmt: skip
    if block := terms.take_or_pay:
        said |= {"block_mwh": block.mwh_a_month, "block_usd": block.usd_per_mwh, "block_resale": block.resale}
    if export := terms.export:
        said |= {"export": export.index or FIXED_EXPORT, "export_usd": export.usd_per_mwh,
                 "export_limit": export.limit_mw}  # fmt: skip
    return said


class BatteryForm(forms.ModelForm):
    """Of the battery of that name; without one, of the battery that the page shows first."""

    name = forms.CharField(
        label="Battery", max_length=40, required=False, help_text="Another name is another battery of the site."
    )

    class Meta:
        model = Battery
        fields = (
            "name",
            "capacity_mwh",
            "charge_mw",
            "discharge_mw",
            "eta_charge",
            "eta_discharge",
            "wear_usd_per_mwh",
            "address",
            "port",
            "unit_id",
        )
        labels = {
            "capacity_mwh": "Capacity, MWh", "charge_mw": "Charges with, MW", "discharge_mw": "Discharges with, MW",
            "eta_charge": "Kept when charging", "eta_discharge": "Kept when discharging",
            "wear_usd_per_mwh": "Wear, $/MWh", "address": "Address", "port": "Port", "unit_id": "Modbus unit",
        }  # fmt: skip
        help_texts = {
            "eta_charge": "A share: 0.95 keeps 95 %.", "wear_usd_per_mwh": "Of a MWh discharged.",
            "address": "Where SunSpec answers. Empty: nothing asks it, and no order reaches it.",
        }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("port", "unit_id"):
            self.fields[name].required = False

    def clean_name(self) -> str:
        return self.cleaned_data["name"].strip() or self.instance.name

    def clean_port(self) -> int:
        return self.cleaned_data["port"] or self.instance.port

    def clean_unit_id(self) -> int:
        said = self.cleaned_data["unit_id"]
        return self.instance.unit_id if said is None else said


class SolarForm(forms.ModelForm):
    class Meta:
        model = SolarPlant
        fields = ("peak_mw", "yield_share")
        labels = {"peak_mw": "Peak, MW", "yield_share": "Usual yield"}
        help_texts = {"yield_share": "A share of the clear sky's output: 0.75."}


class ProgrammeForm(forms.ModelForm):
    usd_per_mw_h = forms.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, required=False, label="Standing ready, $/MW·h",
        help_text="Of a reserve: paid for load that could go, called or not. Empty: nothing.",
    )  # fmt: skip

    class Meta:
        model = Programme
        fields = (
            "name", "baseline_mw", "cap_mw", "usd_per_mwh", "usd_per_mw_h", "notice_min", "valid_from", "valid_until",
        )  # fmt: skip
        labels = {
            "name": "Programme", "baseline_mw": "Baseline, MW", "cap_mw": "At most, MW", "usd_per_mwh": "Pays, $/MWh",
            "notice_min": "Notice, minutes", "valid_from": "Holds from", "valid_until": "Until, with that day",
        }  # fmt: skip
        help_texts = {"name": "One that is set again under its name changes."}
        widgets = dict.fromkeys(("valid_from", "valid_until"), forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def clean_usd_per_mw_h(self) -> Decimal:
        return self.cleaned_data["usd_per_mw_h"] or Decimal(0)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        begin, end = said.get("valid_from"), said.get("valid_until")
        if begin and end and end < begin:
            self.add_error("valid_until", "It ends before it begins.")
        return said
