"""Windows in which machines are planned to be off: maintenance, or a move to another place."""

from datetime import datetime
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User
from sites.models.places import Site


class WindowQuerySet(models.QuerySet["PlannedWindow"]):
    def visible_to(self, user: User | AnonymousUser) -> "WindowQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))

    def standing(self) -> "WindowQuerySet":
        """Those that were not taken back."""
        return self.filter(withdrawn_at=None)

    def at(self, moment: datetime) -> "WindowQuerySet":
        return self.standing().filter(begin_at__lte=moment, end_at__gt=moment)

    def between(self, start_at: datetime, end_at: datetime) -> "WindowQuerySet":
        return self.standing().filter(begin_at__lt=end_at, end_at__gt=start_at)


class PlannedWindow(models.Model):
    """Entered before or after. Of two windows of the same machines none overlap; the database refuses it.

    container_id: of compute, None where it is the whole site; container: how it was called then. end_at moves only when
    a window is ended early.
    """

    class Kind(models.TextChoices):
        MAINTENANCE = "maintenance", "Maintenance"
        RELOCATION = "relocation", "Relocation"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="windows")
    container_id = models.BigIntegerField(null=True)
    container = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=12, choices=Kind)
    begin_at = models.DateTimeField()
    end_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = WindowQuerySet.as_manager()

    class Meta:
        ordering = ["-begin_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("begin_at")), name="window_begins_before_it_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="window_says_why"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="window_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place} {self.begin_at:%Y-%m-%d %H:%M}"

    @property
    def place(self) -> str:
        return f"{self.site.code}/{self.container}" if self.container else self.site.code


# For statements of other stations: the end and reason of the window that holds for a whole site, or for a container.
OF_SITE: Final = (
    "LEFT JOIN sites_plannedwindow AS planned ON planned.site_id = site.id AND planned.container_id IS NULL "
    "AND planned.withdrawn_at IS NULL AND planned.begin_at <= now() AND planned.end_at > now()"
)
OF_CONTAINER: Final = (
    "LEFT JOIN sites_plannedwindow AS planned ON planned.site_id = site.id "
    "AND (planned.container_id IS NULL OR planned.container_id = container.id) "
    "AND planned.withdrawn_at IS NULL AND planned.begin_at <= now() AND planned.end_at > now()"
)
