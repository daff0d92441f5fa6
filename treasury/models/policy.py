"""What the treasury means to do, and how much one person may propose: versions, of which the newest holds."""

from django.db import models
from django.db.models import Q

from treasury.models.journal import Books
from treasury.models.proposal import Proposal


class TreasuryPolicy(models.Model):
    """One version; it comes by a proposal that others approved, and never changes.

    least_free_sat, most_ltv_pct: what a proposal may not pass without a second approval.
    """

    class Stance(models.TextChoices):
        HOLD = "hold", "Hold: no sale is intended"
        SELL_TO_FUND = "sell_to_fund", "Sell to fund: what a named need takes"
        REPAY = "repay", "Repay: sales go to debt first"

    stance = models.CharField(max_length=16, choices=Stance)
    words = models.CharField(max_length=500, blank=True)
    least_free_sat = models.BigIntegerField(default=0)
    most_ltv_pct = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    cooling_off_h = models.PositiveIntegerField()
    valid_h = models.PositiveIntegerField()
    since = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="policy")
    objects = Books()

    class Meta:
        ordering = ["-since", "-pk"]
        verbose_name_plural = "treasury policies"
        constraints = [models.CheckConstraint(condition=Q(valid_h__gte=1), name="policy_leaves_time")]

    def __str__(self) -> str:
        return f"{self.stance} since {self.since:%Y-%m-%d}"


class TreasuryCap(models.Model):
    """How much people of a role may propose, each time and in a UTC day; above two_above_usd it takes two others."""

    policy = models.ForeignKey(TreasuryPolicy, on_delete=models.PROTECT, related_name="caps")
    role = models.CharField(max_length=20)
    each_usd = models.DecimalField(max_digits=16, decimal_places=2)
    day_usd = models.DecimalField(max_digits=16, decimal_places=2)
    two_above_usd = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        ordering = ["role"]
        constraints = [models.UniqueConstraint(fields=["policy", "role"], name="cap_once_a_role")]

    def __str__(self) -> str:
        return f"{self.role}: {self.each_usd} USD each"


class BooksRead(models.Model):
    """Who looked at what of the treasury, in one hour of the clock. what: the address, with what it was asked for."""

    class Via(models.TextChoices):
        PAGE = "page", "Page"
        EXPORT = "export", "Export"
        API = "api", "API"
        TOKEN = "token", "Token"

    hour = models.DateTimeField()
    who_id = models.BigIntegerField()
    who = models.CharField(max_length=200)
    what = models.CharField(max_length=300)
    via = models.CharField(max_length=8, choices=Via)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["-last_at", "-pk"]
        indexes = [models.Index(fields=["-last_at"], name="books_read_newest")]
        constraints = [
            models.UniqueConstraint(fields=["hour", "who_id", "what", "via"], name="books_read_once_an_hour")
        ]

    def __str__(self) -> str:
        return f"{self.who} read {self.what}"
