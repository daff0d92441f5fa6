"""Scans of a site's address ranges for machines."""

import uuid

from django.db import models
from django.db.models import Q

from sites.models import Site


class Scan(models.Model):
    """One scan. id: made by whoever asks for it, so that asking twice is asking once.

    ranges: as they stood when it was asked for.   position: how many places were tried, of `total`.
    seen: who answered so far.   findings: what came of it, compared with the map, once it is done.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"

    OPEN = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="scans")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    ranges = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    seen = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    applied_by = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(state__in=("waiting", "running")), name="one_open_scan_a_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} at {self.asked_at:%Y-%m-%d %H:%M}: {self.state}"
