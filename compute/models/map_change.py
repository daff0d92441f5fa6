"""Files of a site's map that somebody sent, first looked at and then, perhaps, applied."""

import uuid

from django.db import models

from sites.models import Site


class MapChange(models.Model):
    """One file. id: made by its sender, so that sending it twice is sending it once.

    base: the mark of the map that it was compared with.   difference: counts, and what changes line by line.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="map_changes")
    content = models.TextField()
    digest = models.CharField(max_length=64)
    base = models.CharField(max_length=64)
    difference = models.JSONField(default=dict)
    sent_by = models.CharField(max_length=200)
    sent_at = models.DateTimeField()
    applied_by = models.CharField(max_length=200, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return f"{self.site_id} {self.id}"
