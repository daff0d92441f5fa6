"""Containers: the boxes behind one breaker in which machines stand."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models import Site


class ContainerQuerySet(models.QuerySet["Container"]):
    def visible_to(self, user: User | AnonymousUser) -> "ContainerQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class Container(models.Model):
    """One box of rows x columns places; place `slot` (from 1) is row (slot-1)//columns, column (slot-1)%columns."""

    class Kind(models.TextChoices):
        ASIC = "asic", "Mining"
        GPU = "gpu", "AI"
        MIXED = "mixed", "Mixed"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="containers")
    code = models.SlugField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind)
    rows = models.PositiveSmallIntegerField()
    columns = models.PositiveSmallIntegerField()

    objects = ContainerQuerySet.as_manager()

    class Meta:
        ordering = ["site", "code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="container_code_once_a_site"),
            models.CheckConstraint(condition=Q(rows__gt=0, columns__gt=0), name="container_has_places"),
        ]

    def __str__(self) -> str:
        return f"{self.site}/{self.code}"
