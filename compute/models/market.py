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


class DifficultyEpoch(models.Model):
    """The difficulty of 2,016 blocks. number: that of its first block / 2,016."""

    number = models.PositiveIntegerField(primary_key=True)
    start_at = models.DateTimeField(unique=True)
    difficulty = models.FloatField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number}: {self.difficulty:.4g} since {self.start_at:%Y-%m-%d %H:%M}"


class RewardDay(models.Model):
    """What a block of a day (UTC) was worth on the mean: the subsidy, and the fees."""

    day = models.DateField(primary_key=True)
    subsidy_sat = models.BigIntegerField()
    fee_sat = models.BigIntegerField()
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.subsidy_sat} + {self.fee_sat} sat a block"
