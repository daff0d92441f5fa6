"""What a market said a megawatt-hour costs, when, and what it said before it corrected itself."""

from django.db import models
from django.db.models import Q

from sites.tariffs.terms import DAY_AHEAD, REAL_TIME


class MarketPrice(models.Model):
    """The price of one interval. replaced_at: set once the source said another; what it had said is kept."""

    class Index(models.TextChoices):
        DAY_AHEAD = DAY_AHEAD, "Day ahead"
        REAL_TIME = REAL_TIME, "Real time"

    market = models.CharField(max_length=32)
    index = models.CharField(max_length=10, choices=Index)
    start_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    usd_per_mwh = models.DecimalField(max_digits=10, decimal_places=4)
    source = models.CharField(max_length=100)
    observed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["market", "index", "start_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["market", "index", "start_at"], condition=Q(replaced_at=None), name="one_price_an_interval"
            ),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="price_interval_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.market} {self.index} {self.start_at:%Y-%m-%d %H:%M}: {self.usd_per_mwh} USD/MWh"


class MarketFeed(models.Model):
    """How reading a market goes. observed_at: the last time it gave good prices."""

    market = models.CharField(max_length=32, primary_key=True)
    observed_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failing_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["market"]

    def __str__(self) -> str:
        return self.market
