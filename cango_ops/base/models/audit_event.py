"""The record of who did what: rows that are only ever added, each linked to the one before by its hash."""

from django.db import models


class AuditEvent(models.Model):
    """One deed. No foreign keys: the row outlives the person and the thing, and is never updated.

    hash = sha256(prev_hash + canonical JSON of all other columns); a trigger refuses UPDATE and DELETE.
    """

    sequence = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=200)
    verb = models.CharField(max_length=64)
    target = models.CharField(max_length=200, db_index=True)
    detail = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.actor} {self.verb} {self.target}"
