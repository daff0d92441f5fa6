"""Leases: who alone may do a piece of work until when, on the database's clock."""

from django.db import models


class Lease(models.Model):
    """One name, held by nobody or one holder. The epoch grows by one each time the name changes hands."""

    name = models.CharField(primary_key=True, max_length=100)
    epoch = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=100, blank=True)
    ttl_s = models.FloatField(default=0.0)
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} #{self.epoch}"
