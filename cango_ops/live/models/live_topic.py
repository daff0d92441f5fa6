"""Topics that browsers follow, and the number of each one's last change."""

from django.db import models


class LiveTopic(models.Model):
    """seq only ever grows; it says that something changed, never what."""

    topic = models.CharField(primary_key=True, max_length=100)
    seq = models.BigIntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["topic"]

    def __str__(self) -> str:
        return f"{self.topic} #{self.seq}"
