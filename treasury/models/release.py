"""Who is told of a release, what became of each message, and reports that are being made."""

import uuid

from django.db import models
from django.db.models import Q

from cango_ops.base.sealed import SealedField
from treasury.models.journal import Books
from treasury.models.report import Report


class Subscriber(models.Model):
    """Somebody who is told when a report is published: a mailbox, or a program at an allowed address."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"

    channel = models.CharField(max_length=8, choices=Channel)
    email = models.EmailField(blank=True)
    url = models.URLField(max_length=300, blank=True)
    secret = SealedField(null=True, help_text="signs what is sent to the webhook")  # type: ignore[misc]
    language = models.CharField(max_length=2, default="en")
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=200)
    added_by_id = models.BigIntegerField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)
    objects = Books()

    class Meta:
        ordering = ["channel", "email", "url"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(channel="email", url="") & ~Q(email=""))
                | (Q(channel="webhook", email="", secret__isnull=False) & ~Q(url="")),
                name="subscriber_has_an_address",
            ),
            models.UniqueConstraint(
                fields=["channel", "email", "url"], condition=Q(ended_at=None), name="subscriber_once"
            ),
        ]

    def __str__(self) -> str:
        return self.email or self.url


class ReleaseDelivery(models.Model):
    """One message to one subscriber about one published report. `sending` is committed before a byte leaves.

    message_id: the same at every attempt, so that a receiver takes it once.   log: [when, what came of it] of each.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not delivered"
        UNKNOWN = "unknown", "Unknown"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="deliveries")
    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    log = models.JSONField(default=list)
    objects = Books()

    class Meta:
        ordering = ["-report", "subscriber"]
        verbose_name_plural = "release deliveries"
        constraints = [models.UniqueConstraint(fields=["report", "subscriber"], name="told_of_a_release_once")]

    def __str__(self) -> str:
        return f"{self.report_id} to {self.subscriber_id}: {self.state}"


class ReportJob(models.Model):
    """A report that somebody asked to freeze. request_id: made by the sender, so that asked twice is asked once.

    done of total steps, step: what is being done, in words.   report: what came of it, or error: why nothing did.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    request_id = models.UUIDField(unique=True, default=uuid.uuid4)
    month = models.DateField()
    basis = models.CharField(max_length=10)
    asked_by = models.CharField(max_length=200)
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=1)
    step = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)
    report = models.ForeignKey(Report, null=True, on_delete=models.PROTECT, related_name="jobs")
    error = models.CharField(max_length=500, blank=True)
    objects = Books()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["month"], condition=Q(state__in=["waiting", "running"]), name="one_report_job_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.state}"
