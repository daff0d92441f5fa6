"""Runs of periodic work, for the page of the system's own state."""

from django.db import models


class JobRun(models.Model):
    """One run of one task. A row that still says running after a newer run began belongs to a killed process."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.RUNNING)
    detail = models.JSONField(default=dict)
    process = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["name", "-started_at"], name="job_run_last"),
            models.Index(fields=["started_at"], name="job_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"
