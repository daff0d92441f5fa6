"""Who is told of alerts, by which way, and what became of each message."""

import uuid

from django.db import models
from django.db.models import Q

from cango_ops.alerts.models.alert import Alert
from cango_ops.base.models import User
from cango_ops.base.sealed import SealedField


class AlertRoute(models.Model):
    """One way to one person, or to a program in the person's name: it carries what the person may see.

    after_s: only what nobody has acknowledged for so long; 0: at once. site_id: alerts of that site alone.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_routes")
    channel = models.CharField(max_length=8, choices=Channel)
    url = models.URLField(max_length=300, blank=True)
    secret = SealedField(null=True)  # type: ignore[misc]
    least = models.CharField(max_length=8, choices=Alert.Severity, default=Alert.Severity.CRITICAL)
    site_id = models.BigIntegerField(null=True)
    after_s = models.PositiveIntegerField(default=0)
    is_on = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["user", "after_s", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="email", url="") | (Q(channel="webhook", secret__isnull=False) & ~Q(url="")),
                name="webhook_has_address_and_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.user}"


class Delivery(models.Model):
    """One message about one alert by one route. `sending` is committed before a byte leaves.

    message_id: the same at every attempt, so that a receiver takes it once.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not delivered"
        UNKNOWN = "unknown", "Unknown"
        DROPPED = "dropped", "Dropped"

    class About(models.TextChoices):
        FIRING = "firing", "Firing"
        RESOLVED = "resolved", "Resolved"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    route = models.ForeignKey(AlertRoute, on_delete=models.CASCADE, related_name="deliveries")
    about = models.CharField(max_length=8, choices=About)
    round = models.PositiveIntegerField()
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_at"], name="delivery_due", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["route", "-id"], name="delivery_by_route"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["alert", "route", "about", "round"], name="one_delivery_a_round"),
        ]

    def __str__(self) -> str:
        return f"{self.about} of {self.alert_id} by {self.route_id}: {self.state}"
