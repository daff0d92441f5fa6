"""What people set: limits of rules, and silences."""

from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User


class AlertSetting(models.Model):
    """A rule at a site, or (no site) at every site, otherwise than the code has it. A null column: as in the code."""

    rule = models.CharField(max_length=40)
    site_id = models.BigIntegerField(null=True)
    limit = models.FloatField(null=True)
    hold_s = models.FloatField(null=True)
    is_on = models.BooleanField(null=True)

    class Meta:
        ordering = ["rule", "site_id"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "site_id"], nulls_distinct=False, name="one_setting_a_rule"),
            models.CheckConstraint(condition=Q(hold_s=None) | Q(hold_s__gte=0), name="alert_holds_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} at {self.site_id or 'every site'}"


class Silence(models.Model):
    """Until its end nobody is told of one alert's subject, or of any alert of a site; what is wrong still shows.

    rule and subject, or site_id; never neither.
    """

    rule = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=120, blank=True)
    site_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    until_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, help_text="before its time, by a person")

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("placed_at")), name="silence_lasts"),
            models.CheckConstraint(
                condition=(~Q(rule="") & ~Q(subject="")) | Q(site_id__isnull=False), name="silence_is_of_something"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="silence_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"silence of {self.rule or 'everything'} at {self.place}"
