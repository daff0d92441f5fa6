"""What people wrote down about a place: it stands on the charts of that place, at the time that it is about."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models.places import Site


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User | AnonymousUser) -> "NoteQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class Note(models.Model):
    """One note of one person; never changed.

    container_id, device_id: of compute, None where it is the whole site, or the whole container; container, slot: how
    they were called then. at: what it is about was then.
    """

    request_id = models.UUIDField(unique=True, help_text="made by the sender: a repeated note is the same one")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="notes")
    container_id = models.BigIntegerField(null=True)
    container = models.CharField(max_length=16, blank=True)
    device_id = models.BigIntegerField(null=True)
    slot = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField()
    words = models.CharField(max_length=500)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["site", "-at"], name="note_by_site"),
            models.Index(fields=["device_id", "-at"], name="note_by_device", condition=Q(device_id__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="note_says_something"),
            models.CheckConstraint(
                condition=Q(device_id=None) | Q(container_id__isnull=False), name="note_of_device_names_its_container"
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.pk} at {self.place}"

    @property
    def place(self) -> str:
        parts = (self.site.code, self.container, str(self.slot or ""))
        return "/".join(part for part in parts if part)
