"""What a megawatt-hour costs at a site, from when on."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from sites.models.places import Site
from sites.tariffs.terms import BadTerms, Contract, Kind, parse_terms


def known_terms(value: Any) -> None:
    try:
        parse_terms(value)
    except BadTerms as why:
        raise ValidationError(str(why)) from why


class PowerContract(models.Model):
    """A price that holds from a date until the next contract of the site begins. terms: see sites.tariffs.terms."""

    class Kind(models.TextChoices):
        FIXED = "fixed", "Fixed"
        TIME_OF_USE = "tou", "Time of use"
        INDEX = "index", "Indexed to a market"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="power_contracts")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FIXED)
    supplier = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField(help_text="in the site's zone")
    price_usd_per_mwh = models.DecimalField(max_digits=10, decimal_places=4, help_text="fixed price, or adder on it")
    market = models.CharField(max_length=32, blank=True, help_text="which market's price an index follows")
    terms = models.JSONField(default=dict, blank=True, validators=[known_terms])

    class Meta:
        ordering = ["site", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["site", "valid_from"], name="one_contract_a_day"),
            models.CheckConstraint(condition=~Q(kind="index") | ~Q(market=""), name="index_names_its_market"),
        ]

    def __str__(self) -> str:
        return f"{self.site} from {self.valid_from}: {self.price_usd_per_mwh} USD/MWh"

    def tariff(self) -> Contract:
        """The contract as the tariff engine takes it. Raises BadTerms."""
        known: dict[str, Kind] = {"fixed": "fixed", "tou": "tou", "index": "index"}
        terms = parse_terms(self.terms)
        return Contract(known[self.kind], self.price_usd_per_mwh, self.site.time_zone, self.market, terms)


def contract_on(site: Site, day: date) -> PowerContract | None:
    """The contract of a day of the site's own calendar."""
    row = site.power_contracts.filter(valid_from__lte=day).first()
    if row is not None:
        row.site = site
    return row


def contract_at(site: Site, at: datetime) -> PowerContract | None:
    return contract_on(site, at.astimezone(ZoneInfo(site.time_zone)).date())
