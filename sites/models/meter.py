"""Power meters: where each stands, how it is asked, and what it last said."""

from django.db import models

from sites.models.places import Site


class Meter(models.Model):
    """One meter of a site. map_name: the register map in sites.meters that reads it."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="meters")
    name = models.CharField(max_length=64)
    address = models.GenericIPAddressField()
    port = models.PositiveIntegerField(default=502)
    unit_id = models.PositiveSmallIntegerField(default=1)
    map_name = models.CharField(max_length=32)

    # What it said last; written by the meter task alone, with UPDATE and never with save().
    observed_at = models.DateTimeField(null=True, editable=False)
    power_w = models.FloatField(null=True, editable=False)
    energy_wh = models.FloatField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failing_reason = models.CharField(max_length=100, blank=True, editable=False)

    class Meta:
        ordering = ["site", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="meter_name_once_a_site")]

    def __str__(self) -> str:
        return f"{self.site} {self.name}"


class MeterMinute(models.Model):
    """What a meter said in one minute. power_w: mean of its readings.   energy_wh: its counter at the last of them."""

    pk = models.CompositePrimaryKey("meter_id", "minute_at")
    meter = models.ForeignKey(Meter, on_delete=models.CASCADE, related_name="minutes", db_index=False)
    minute_at = models.DateTimeField()
    power_w = models.FloatField(null=True)
    energy_wh = models.FloatField(null=True)
    readings = models.PositiveSmallIntegerField(default=0, help_text="of power, in the mean")
    last_at = models.DateTimeField(help_text="of the last reading that is in it; an older one changes nothing")

    class Meta:
        db_table = "meter_minute"

    def __str__(self) -> str:
        return f"{self.meter_id} at {self.minute_at:%Y-%m-%d %H:%M}"
