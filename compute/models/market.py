"""What the Bitcoin network and its price were at each time they were read."""

from django.db import models


class NetworkReading(models.Model):
    """One reading of the network. reward_sat: subsidy and fees of a block, mean of a day of blocks."""

    observed_at = models.DateTimeField(primary_key=True)
    source = models.CharField(max_length=100)
    difficulty = models.FloatField()
    reward_sat = models.BigIntegerField()
    price_usd = models.DecimalField(max_digits=14, decimal_places=2)
    hashprice_usd_per_ph_day = models.FloatField()

    class Meta:
        ordering = ["-observed_at"]

    def __str__(self) -> str:
        return f"{self.observed_at:%Y-%m-%d %H:%M}: {self.hashprice_usd_per_ph_day:.2f} USD/PH/day"
