"""How the machines of each site answer, by the language they speak."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from sites.models import Site


class LanguageHour(models.Model):
    """The questions of one hour to the machines of one site in one language; written by the collector alone.

    histogram: answers by their time, see compute.protocols.answer_times.
    """

    pk = models.CompositePrimaryKey("site_id", "language", "hour_at")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(max_length=32)
    hour_at = models.DateTimeField()
    asked = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()
    histogram = ArrayField(models.PositiveIntegerField())
    failure = models.CharField(max_length=200, blank=True, help_text="the last one, in words")
    failed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "language_hour"

    def __str__(self) -> str:
        return f"{self.language} at {self.site_id}, {self.hour_at:%Y-%m-%d %H}"
