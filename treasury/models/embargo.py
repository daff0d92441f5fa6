"""Times in which coins are not sold by whoever knows what others do not, and the exceptions that two others allowed.

The database itself keeps the law (migration 0061): a sale that a window forbids its maker, an approver or whoever books
it is refused without an exception of its own.
"""

from django.db import models
from django.db.models import F, Q

from treasury.models.journal import Books
from treasury.models.proposal import Proposal


class EmbargoWindow(models.Model):
    """From starts_at up to ends_at. One person sets it, because it only forbids; two lift it before its end."""

    class Kind(models.TextChoices):
        BLACKOUT = "blackout", "Blackout"
        QUARTER_END = "quarter_end", "Quarter end"
        RELEASE = "release", "Before a release"

    class Binds(models.TextChoices):
        INSIDERS = "insiders", "Those on the insiders' list"
        EVERYONE = "everyone", "Everybody"

    kind = models.CharField(max_length=12, choices=Kind)
    binds = models.CharField(max_length=8, choices=Binds, default=Binds.INSIDERS)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    set_by = models.CharField(max_length=200)
    set_by_id = models.BigIntegerField()
    set_at = models.DateTimeField()
    lift_asked_at = models.DateTimeField(null=True)
    lift_asked_by = models.CharField(max_length=200, blank=True)
    lift_asked_by_id = models.BigIntegerField(null=True)
    lift_reason = models.CharField(max_length=500, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=200, blank=True)
    lifted_by_id = models.BigIntegerField(null=True)
    objects = Books()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="embargo_lasts"),
            models.CheckConstraint(
                condition=Q(lifted_at=None)
                | (
                    Q(lift_asked_by_id__isnull=False, lifted_by_id__isnull=False)
                    & ~Q(lifted_by_id=F("lift_asked_by_id"))
                ),
                name="embargo_lifted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {self.ends_at:%Y-%m-%d %H:%M} UTC"


class EmbargoException(models.Model):
    """One sale that two others allowed in spite of a window. sale: which one; set once, never changed.

    sat: the most that may be sold.   until: by when it is to be proposed and approved.   windows: what bound then.
    """

    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="exception")
    sale = models.OneToOneField(Proposal, null=True, on_delete=models.PROTECT, related_name="allowed_by")
    sat = models.BigIntegerField()
    until = models.DateTimeField()
    windows = models.CharField(max_length=500)
    objects = Books()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"exception of proposal {self.proposal_id} until {self.until:%Y-%m-%d %H:%M} UTC"
