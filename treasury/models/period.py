"""Closed months. The database itself refuses entries dated in one, or in any month before it."""

from django.db import models
from django.db.models import F, Q

from treasury.models.journal import Books


class ClosedMonth(models.Model):
    """One closing of a month (its first day). A month that was reopened and closed again has two rows.

    proof: the checklist as it stood.   reopened_at None: it is closed; two people reopen it, who asks and who allows.
    """

    month = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=200)
    closed_by_id = models.BigIntegerField()
    proof = models.JSONField()
    reopen_asked_at = models.DateTimeField(null=True)
    reopen_asked_by = models.CharField(max_length=200, blank=True)
    reopen_asked_by_id = models.BigIntegerField(null=True)
    reopen_reason = models.CharField(max_length=500, blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.CharField(max_length=200, blank=True)
    reopened_by_id = models.BigIntegerField(null=True)
    objects = Books()

    class Meta:
        ordering = ["-month", "-closed_at"]
        constraints = [
            models.UniqueConstraint(fields=["month"], condition=Q(reopened_at=None), name="month_closed_once"),
            models.CheckConstraint(
                condition=Q(reopened_at=None)
                | (Q(reopen_asked_by_id__isnull=False) & ~Q(reopened_by_id=F("reopen_asked_by_id"))),
                name="month_reopened_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} closed by {self.closed_by}"


class Explanation(models.Model):
    """Why a line of the checklist may stay open, by a person. The newest one of a line counts."""

    month = models.DateField()
    line = models.CharField(max_length=32)
    words = models.CharField(max_length=500)
    who = models.CharField(max_length=200)
    who_id = models.BigIntegerField()
    at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.line}: {self.words}"
