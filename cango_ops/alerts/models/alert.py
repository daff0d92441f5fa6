"""Alerts and what happened to each. The apps above know what a site is: here it is a number without a foreign key."""

from django.db import models
from django.db.models import Q

from cango_ops.base.models import User


class Alert(models.Model):
    """One episode of a rule's condition at a subject. States move as cango_ops.alerts.machine says.

    round: grows whenever people are to be told anew (fired, worsened, came back, a silence ended), at round_at.
    covered_by: the alert that this one is part of, such as the lost link of its site; then nobody is told of it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        FIRING = "firing", "Firing"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    class Severity(models.TextChoices):
        CRITICAL = "critical", "Critical"
        WARNING = "warning", "Warning"
        DECISION = "decision", "To decide"

    rule = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    scope = models.CharField(max_length=10)
    site_id = models.BigIntegerField(null=True)
    operator_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=60, help_text="as a person calls it")
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    severity = models.CharField(max_length=8, choices=Severity)
    sentence = models.CharField(max_length=300)
    action = models.CharField(max_length=60)
    url = models.CharField(max_length=200)
    usd_per_h = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    usd_why = models.CharField(max_length=100, blank=True, help_text="why it has no price")
    value = models.FloatField(null=True)
    shown = models.JSONField(default=dict, help_text="scope, of, metric, kind of its chart")
    since = models.DateTimeField(help_text="what is wrong has been so since then")
    held_since = models.DateTimeField(help_text="seen to hold without a break")
    judged_at = models.DateTimeField()
    clear_since = models.DateTimeField(null=True)
    fired_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    reopened = models.PositiveIntegerField(default=0)
    round = models.PositiveIntegerField(default=0)
    round_at = models.DateTimeField(null=True)
    silenced_until = models.DateTimeField(null=True)
    covered_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="covered")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["rule", "subject", "-resolved_at"], name="alert_of_subject"),
            models.Index(fields=["resolved_at"], name="alert_by_end", condition=Q(state="resolved")),
            models.Index(fields=["site_id", "-id"], name="alert_by_site"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"], condition=~Q(state="resolved"), name="one_open_alert_a_subject"
            ),
            models.CheckConstraint(
                condition=~Q(state="acknowledged") | Q(acknowledged_by__isnull=False), name="acknowledged_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}: {self.state}"


class AlertEvent(models.Model):
    """One line of an alert's timeline; never changed."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    actor = models.CharField(max_length=200, blank=True, help_text="empty: the console")
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.alert_id}: {self.kind}"
