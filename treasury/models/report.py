"""Reports of months: frozen drafts with their documents, comments, approvals, and who read what."""

from django.db import models

from treasury.models.journal import Books


class Report(models.Model):
    """One frozen version of a month's report. snapshot: canonical JSON, sha256: its hash; neither ever changes.

    release_at: when it may be published at the earliest.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    month = models.DateField()
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    basis = models.CharField(max_length=10)
    snapshot = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    made_by_id = models.BigIntegerField()
    release_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    objects = Books()

    class Meta:
        ordering = ["-month", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["month", "version"], name="report_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} version {self.version}: {self.state}"


class ReportFile(models.Model):
    """A document of a report, as it was rendered when the draft was frozen."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=100)
    data = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    objects = Books()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["report", "name"], name="report_file_once")]

    def __str__(self) -> str:
        return self.name


class ReportApproval(models.Model):
    """One person's yes to one hash."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="approvals")
    who = models.CharField(max_length=200)
    who_id = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["report", "who_id"], name="report_approved_once_each")]

    def __str__(self) -> str:
        return f"{self.who} approves {self.sha256[:12]}"


class ReportComment(models.Model):
    """What a reviewer says of a figure; the report is not approved while one is open."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="comments")
    code = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=1000)
    who = models.CharField(max_length=200)
    who_id = models.BigIntegerField()
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)
    objects = Books()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class ReportRead(models.Model):
    """Who took which document when: the access log of figures that may move a market."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="reads")
    name = models.CharField(max_length=100)
    who = models.CharField(max_length=200)
    who_id = models.BigIntegerField()
    was = models.CharField(max_length=10, help_text="the report's state then")
    at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.who} took {self.name}"


class StandingText(models.Model):
    """A version of a policy sentence, a quote, or other text of a report. It counts once another person approved it.

    month: of a text for one month only, such as a quote; else it stands until a newer version is approved.
    """

    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=2, default="en")
    version = models.PositiveIntegerField()
    month = models.DateField(null=True)
    text = models.TextField()
    speaker = models.CharField(max_length=200, blank=True)
    written_by = models.CharField(max_length=200)
    written_by_id = models.BigIntegerField()
    written_at = models.DateTimeField()
    approved_by = models.CharField(max_length=200, blank=True)
    approved_by_id = models.BigIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    objects = Books()

    class Meta:
        ordering = ["kind", "language", "version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "version"], name="text_version_once"),
            models.CheckConstraint(
                condition=models.Q(approved_by_id=None) | ~models.Q(approved_by_id=models.F("written_by_id")),
                name="text_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} version {self.version}"


class Restatement(models.Model):
    """A figure of a published month that is now another: what, old, new, why, who asked. It counts once another person
    allowed it; until then, and when somebody refused it, nothing prints it.

    evidence: what proves a figure that the books do not say; empty where they say it, or there are none.
    """

    month = models.DateField()
    code = models.CharField(max_length=40)
    old = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    new = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    reason = models.CharField(max_length=500)
    evidence = models.CharField(max_length=300, blank=True, default="", db_default="")
    who = models.CharField(max_length=200)
    who_id = models.BigIntegerField()
    at = models.DateTimeField()
    ruled_at = models.DateTimeField(null=True)
    ruled_by = models.CharField(max_length=200, blank=True)
    ruled_by_id = models.BigIntegerField(null=True)
    is_allowed = models.BooleanField(default=False)
    objects = Books()

    class Meta:
        ordering = ["month", "code", "at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_allowed=False) | ~models.Q(ruled_by_id=models.F("who_id")),
                name="restated_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(is_allowed=False) | models.Q(ruled_at__isnull=False, ruled_by_id__isnull=False),
                name="restatement_allowed_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["month", "code"], condition=models.Q(ruled_at=None), name="one_open_restatement_a_figure"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.code}: {self.old} is {self.new}"
