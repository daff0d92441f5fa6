"""Views of list pages that people keep under a name."""

from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models.access import Role
from sites.models.places import Operator


class SavedView(models.Model):
    """A page's own address parameters under a name: filter, columns, sort, range. It is a question and holds no answer.

    operator, role: whom it is shared with: everybody of the operator, or (with a role) those who hold it there.
    """

    class Share(models.TextChoices):
        PRIVATE = "private", "Only me"
        TEAM = "team", "My team"
        TENANT = "tenant", "Everybody of the company"

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    share = models.CharField(max_length=8, choices=Share, default=Share.PRIVATE)
    operator = models.ForeignKey(Operator, null=True, on_delete=models.CASCADE, related_name="saved_views")
    role = models.CharField(max_length=20, choices=Role, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="one_view_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
            models.CheckConstraint(
                condition=Q(share="private", operator=None, role="")
                | (Q(share="team", operator__isnull=False) & ~Q(role=""))
                | Q(share="tenant", operator__isnull=False, role=""),
                name="view_shared_with_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.page})"
