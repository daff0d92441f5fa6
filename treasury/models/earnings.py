"""What the sites cost and earned, day by day, out of telemetry, meters and prices; and costs that somebody told."""

from django.db import models
from django.db.models import Q

from compute.models import GpuContract
from sites.models import Site
from treasury.models.equity import Told
from treasury.models.journal import Books


class CostAmount(Told):
    """A cost of a month, or a credit against it. site None: of the company as a whole.

    cash counts in the cash cost of a bitcoin; all_in is added for the all-in cost, such as depreciation of machines.
    """

    class Kind(models.TextChoices):
        CASH = "cash", "Cash"
        ALL_IN = "all_in", "All-in"
        CREDIT = "credit", "Credit"

    month = models.DateField(help_text="its first day")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")
    item = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    amount_usd = models.DecimalField(max_digits=20, decimal_places=2)
    objects = Books()

    class Meta:
        ordering = ["month", "site", "item", "id"]
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="cost_of_a_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.item}: {self.amount_usd} USD"


class SiteDay(models.Model):
    """One UTC day of a site, as measured. Each sum is over the hours of which its inputs are known: `hours` of them.

    hash: PH/s times days, and bitcoin and dollars that they should have earned.   energy: kilowatt-hours at the
    meters.   power: what those of them cost whose price is known.   joint: the same over the hours of which hashes,
    network, energy and price are all known, so that they may be divided by each other.   gpu: GPU-minutes on the map,
    answering, busy.
    missing: for each reason, the hours (of hash, energy, power) or minutes (of gpu) that are in no sum.
    charges: what its quarter hours say of charges by the month, by contract and billing month.
    """

    pk = models.CompositePrimaryKey("site_id", "day")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    hash_hours = models.IntegerField()
    ph_days = models.DecimalField(max_digits=20, decimal_places=6)
    worth_hours = models.IntegerField()
    expected_sat = models.BigIntegerField()
    mined_usd = models.DecimalField(max_digits=20, decimal_places=2)
    energy_hours = models.IntegerField()
    energy_kwh = models.DecimalField(max_digits=20, decimal_places=3)
    power_hours = models.IntegerField()
    power_kwh = models.DecimalField(max_digits=20, decimal_places=3)
    power_usd = models.DecimalField(max_digits=20, decimal_places=2)
    joint_hours = models.IntegerField()
    joint_ph_days = models.DecimalField(max_digits=20, decimal_places=6)
    joint_sat = models.BigIntegerField()
    joint_mined_usd = models.DecimalField(max_digits=20, decimal_places=2)
    joint_power_usd = models.DecimalField(max_digits=20, decimal_places=2)
    gpu_minutes_observed = models.IntegerField()
    gpu_minutes_installed = models.BigIntegerField()
    gpu_minutes_available = models.BigIntegerField()
    gpu_minutes_busy = models.BigIntegerField()
    missing = models.JSONField(default=dict)
    charges = models.JSONField(default=list)
    made_at = models.DateTimeField()
    objects = Books()

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class PowerMonth(models.Model):
    """What a site's month costs by its meters and contracts, until it is closed: then it stays, and a bill that comes
    later is an adjustment of the month in which it came.

    energy_usd: of the hours whose price is known.   charges_usd: by the month; None where one cannot be said, and why.
    lines: each charge with its name, dollars and words.
    """

    pk = models.CompositePrimaryKey("site_id", "month")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField(db_index=True, help_text="its first day")
    energy_usd = models.DecimalField(max_digits=20, decimal_places=2)
    charges_usd = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    why = models.CharField(max_length=300, blank=True)
    lines = models.JSONField(default=list)
    made_at = models.DateTimeField()
    objects = Books()

    def __str__(self) -> str:
        return f"{self.site_id} {self.month:%Y-%m}"


class ContractDay(models.Model):
    """One UTC day of a GPU contract: minutes by node. committed: of the contract, in minutes that were observed;
    served: of them, those in which a node was up for it; unobserved: in minutes of which nothing is known."""

    pk = models.CompositePrimaryKey("contract_id", "day")
    contract = models.ForeignKey(GpuContract, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    gpus_per_node = models.IntegerField()
    committed_minutes = models.BigIntegerField()
    served_minutes = models.BigIntegerField()
    unobserved_minutes = models.BigIntegerField()
    billed_usd = models.DecimalField(max_digits=20, decimal_places=2)
    credit_usd = models.DecimalField(max_digits=20, decimal_places=2)
    made_at = models.DateTimeField()
    objects = Books()

    def __str__(self) -> str:
        return f"{self.contract_id} {self.day}"
