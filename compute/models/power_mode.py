"""What machines of a model did under each power limit: measured, never taken from a sheet."""

from django.db import models

from sites.models import Site


class PowerMode(models.Model):
    """Machines of one model and language at one site under one limit, over steady minutes.

    minutes: machine-minutes, those of two weeks ago counted half. power_w, hashrate_ths: of one machine, means over
    them. machines: the most at a time. until_at: the end of the newest hour in it.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="power_modes")
    model = models.CharField(max_length=64)
    language = models.CharField(max_length=32)
    limit_w = models.PositiveIntegerField()
    minutes = models.FloatField()
    machines = models.PositiveIntegerField()
    power_w = models.FloatField()
    hashrate_ths = models.FloatField()
    first_at = models.DateTimeField()
    until_at = models.DateTimeField()

    class Meta:
        ordering = ["site", "model", "language", "limit_w"]
        constraints = [
            models.UniqueConstraint(fields=["model", "language", "site", "limit_w"], name="one_power_mode_a_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.model} ({self.language}) at {self.site}: {self.limit_w} W"
