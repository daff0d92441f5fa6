"""What one shift left to the next, frozen as it was at that moment."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cango_ops.base.models import User
from sites.models.places import Site


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User | AnonymousUser) -> "HandoverQuerySet":
        """Those of which the person sees every site: what is frozen cannot be filtered afterwards."""
        of = Handover.sites.through.objects.filter(handover=OuterRef("pk"))
        foreign = of.exclude(site__in=Site.objects.visible_to(user))
        return self.filter(Exists(of), ~Exists(foreign))


class Handover(models.Model):
    """One handing over, of the sites that it names. content: what stood on the screen then; never changed.

    sha256: of the content as canonical JSON; the audit chain holds it, too.
    """

    request_id = models.UUIDField(unique=True, help_text="made by the sender: said twice it is one handover")
    sites = models.ManyToManyField(Site, related_name="handovers")
    shift_began_at = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=4000, blank=True)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="handover_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")), name="handover_confirmed_by_another"
            ),
            models.CheckConstraint(condition=Q(made_at__gt=F("shift_began_at")), name="handover_ends_a_shift"),
        ]

    def __str__(self) -> str:
        return f"handover {self.pk} by {self.made_by}"
