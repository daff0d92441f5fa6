"""What stores and makes power at a site."""

from django.db import models
from django.db.models import F, Q

from sites.models.places import Site


class Battery(models.Model):
    """One of a site's batteries. Charge and discharge are measured at the grid's side. address: None where nothing asks
    it.

    soc_*: how full it said it was; a stale one leaves it at rest. power_w: above zero it gives, below zero it takes;
    setpoint_w, in the same sense: what it is told to do, None while it is told nothing.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="batteries")
    name = models.CharField(max_length=40, default="battery")
    capacity_mwh = models.DecimalField(max_digits=9, decimal_places=3)
    charge_mw = models.DecimalField(max_digits=9, decimal_places=3)
    discharge_mw = models.DecimalField(max_digits=9, decimal_places=3)
    eta_charge = models.FloatField(default=0.95)
    eta_discharge = models.FloatField(default=0.95)
    wear_usd_per_mwh = models.DecimalField(max_digits=8, decimal_places=2, default=8, help_text="of a MWh discharged")
    address = models.GenericIPAddressField(null=True, blank=True, protocol="IPv4")
    port = models.PositiveIntegerField(default=502)
    unit_id = models.PositiveSmallIntegerField(default=1)

    # What it said last; written by the storage task alone, with UPDATE and never with save().
    soc_mwh = models.FloatField(null=True, editable=False)
    soc_at = models.DateTimeField(null=True, editable=False)
    soc_source = models.CharField(max_length=64, blank=True, editable=False)
    power_w = models.FloatField(null=True, editable=False)
    setpoint_w = models.FloatField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failing_reason = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "batteries"
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="one_battery_of_a_name"),
            models.CheckConstraint(
                condition=Q(capacity_mwh__gt=0, charge_mw__gte=0, discharge_mw__gte=0), name="battery_holds_something"
            ),
            models.CheckConstraint(
                condition=Q(eta_charge__gt=0, eta_charge__lte=1, eta_discharge__gt=0, eta_discharge__lte=1),
                name="battery_makes_no_energy",
            ),
            models.CheckConstraint(
                condition=Q(soc_mwh=None) | Q(soc_mwh__gte=0, soc_mwh__lte=F("capacity_mwh")), name="battery_soc_fits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.name} {self.capacity_mwh} MWh"


class SolarPlant(models.Model):
    """Panels behind the site's meter."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="solar_plant")
    peak_mw = models.DecimalField(max_digits=9, decimal_places=3)
    yield_share = models.FloatField(default=0.75, help_text="of the clear-sky output that it makes on a usual day")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(peak_mw__gte=0, yield_share__gte=0, yield_share__lte=1), name="solar_within_its_peak"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.peak_mw} MW"
