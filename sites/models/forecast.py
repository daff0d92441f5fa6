"""What was expected of a market's price, and how far off each way of expecting has been."""

from django.db import models


class Forecast(models.Model):
    """Expected real-time prices, one an hour from begin_at on, as they were expected at made_at."""

    market = models.CharField(max_length=32)
    method = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    begin_at = models.DateTimeField()
    usd_per_mwh = models.JSONField(help_text="one number or null an hour")
    scored_at = models.DateTimeField(null=True, help_text="once everything it spoke of has come")

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.UniqueConstraint(fields=["market", "method", "made_at"], name="forecast_once")]
        indexes = [models.Index(fields=["scored_at", "begin_at"], name="forecast_to_score")]

    def __str__(self) -> str:
        return f"{self.market} by {self.method} at {self.made_at:%Y-%m-%d %H:%M}"


class ForecastScore(models.Model):
    """Errors of a method, lead_h hours ahead, of the hours of one UTC day. Error: expected less what came."""

    pk = models.CompositePrimaryKey("market", "method", "lead_h", "day")
    market = models.CharField(max_length=32)
    method = models.CharField(max_length=32)
    lead_h = models.PositiveSmallIntegerField()
    day = models.DateField()
    hours = models.PositiveIntegerField(default=0)
    sum_error = models.FloatField(default=0.0)
    sum_abs_error = models.FloatField(default=0.0)

    class Meta:
        db_table = "forecast_score"

    def __str__(self) -> str:
        return f"{self.market} by {self.method}, {self.lead_h} h ahead, {self.day}"
