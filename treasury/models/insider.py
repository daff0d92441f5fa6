"""Who may know figures before they are released: the insiders' list."""

from typing import Final

from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User


class Insider(models.Model):
    """One person's time on the list. Nothing of it changes; it ends once. Nobody puts himself on it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["user__email", "-added_at"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="insider_once"),
            models.CheckConstraint(condition=~Q(user=F("added_by")), name="insider_added_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.added_at:%Y-%m-%d}"


LISTED: Final = Q(ended_at=None)


def is_admitted(user: User) -> bool:
    """True for those on the list, and for everybody while no list is kept."""
    found = Insider.objects.filter(LISTED).aggregate(
        kept=models.Count("pk"), own=models.Count("pk", filter=Q(user_id=user.pk))
    )
    return not found["kept"] or bool(found["own"])
