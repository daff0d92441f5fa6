"""Operators, regions and sites, and the one rule of who sees which site."""

import zoneinfo

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from cango_ops.base.models import User


def known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is no IANA time zone such as America/Chicago")


class Operator(models.Model):
    """Who runs a site: the company itself or a partner miner."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    is_company = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Region(models.Model):
    """A part of the world in which sites are grouped."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, and the single gate that every page, API answer, socket, search and count passes."""

    def visible_to(self, user: User | AnonymousUser) -> "SiteQuerySet":
        """The sites that the user's memberships name; a request made with a token sees no more than the token."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        everywhere = Q(operator_id=None, site_id=None)
        mine = user.memberships.all()
        seen = self
        if not mine.filter(everywhere).exists():
            seen = self.filter(
                Q(operator__in=mine.exclude(operator=None).values("operator"))
                | Q(pk__in=mine.exclude(site=None).values("site"))
            )
        token_sites = getattr(user, "token_site_ids", None)
        return seen if token_sites is None else seen.filter(pk__in=token_sites)


class Site(models.Model):
    """One place with a power feed."""

    class Kind(models.TextChoices):
        OWNED = "owned", "Owned"
        HOSTED = "hosted", "Hosted"
        PARTNER = "partner", "Partner"

    code = models.SlugField(max_length=16, unique=True)
    name = models.CharField(max_length=100)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="sites")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="sites")
    kind = models.CharField(max_length=8, choices=Kind)
    time_zone = models.CharField(max_length=64, validators=[known_zone])
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    capacity_mw = models.DecimalField(max_digits=9, decimal_places=3, help_text="contracted power")
    storage_mwh = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    solar_mw = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    collector_slot = models.PositiveSmallIntegerField(default=0, help_text="which sweep reads this site")

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(capacity_mw__gte=0), name="site_capacity_not_negative"),
        ]

    def __str__(self) -> str:
        return self.code
