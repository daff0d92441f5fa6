"""Demand response: what a site promised a grid operator, and when it was called."""

from django.db import models
from django.db.models import F, Q

from sites.models.places import Site


class Programme(models.Model):
    """Paid for import that stays under the baseline while called, up to a cap; and, where it is a reserve, for load
    that stands ready to go within the notice."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="programmes")
    name = models.CharField(max_length=64)
    baseline_mw = models.DecimalField(max_digits=9, decimal_places=3)
    cap_mw = models.DecimalField(max_digits=9, decimal_places=3)
    usd_per_mwh = models.DecimalField(max_digits=10, decimal_places=2, help_text="of energy not drawn while called")
    usd_per_mw_h = models.DecimalField(
        max_digits=10, decimal_places=2, default=0, help_text="of load that stands ready to go, called or not"
    )
    notice_min = models.PositiveIntegerField(default=30)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["site", "name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="programme_name_once_a_site"),
            models.CheckConstraint(condition=Q(baseline_mw__gte=0, cap_mw__gte=0), name="programme_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.name}"


class ProgrammeCall(models.Model):
    """One event of a programme. call_id: made by who called, so that the same call twice is one."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="calls")
    call_id = models.CharField(max_length=100)
    begin_at = models.DateTimeField()
    end_at = models.DateTimeField()
    called_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begin_at"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "call_id"], name="programme_call_once"),
            models.CheckConstraint(condition=Q(end_at__gt=F("begin_at")), name="programme_call_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} from {self.begin_at:%Y-%m-%d %H:%M}"
