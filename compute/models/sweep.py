"""What the collector of a slot remembers between two sweeps."""

from django.db import models


class SweepMemory(models.Model):
    """One row a slot, written by compute.collector.memory alone. silences: MessagePack, by device.

    inspections, hand: how many the next sweep may hold, and where it goes on with them (compute.collector.cadence).
    """

    slot = models.PositiveSmallIntegerField(primary_key=True)
    swept_at = models.DateTimeField(null=True)
    turn = models.PositiveIntegerField(default=0)
    silences = models.BinaryField(default=b"")
    woken = models.JSONField(default=list)
    inspections = models.PositiveIntegerField(null=True)
    hand = models.FloatField(default=0.0)

    class Meta:
        db_table = "collector_memory"

    def __str__(self) -> str:
        return f"slot {self.slot}"
