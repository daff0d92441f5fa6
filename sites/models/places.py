"""Operators, regions and sites, and the one rule of who sees which site."""

import zoneinfo
from collections.abc import Collection

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


# A membership as (role, operator, site); neither named: every site.
Held = tuple[str, int | None, int | None]


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, and the single gate that every page, API answer, socket, search and count passes."""

    def visible_to(self, user: User | AnonymousUser, held: Collection[Held] | None = None) -> "SiteQuerySet":
        """The sites that the user's memberships name; a request made with a token sees no more than the token.

        held: all memberships of the user, where this request has read them already.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        seen = self.named_by(user) if held is None else self.among(held)
        token_sites = getattr(user, "token_site_ids", None)
        return seen if token_sites is None else seen.filter(pk__in=token_sites)

    def named_by(self, user: "User") -> "SiteQuerySet":
        mine = user.memberships.all()
        if mine.filter(Q(operator_id=None, site_id=None)).exists():
            return self
        return self.filter(
            Q(operator__in=mine.exclude(operator=None).values("operator"))
            | Q(pk__in=mine.exclude(site=None).values("site"))
        )

    def among(self, held: Collection[Held]) -> "SiteQuerySet":
        operators = {operator for _, operator, site in held if operator is not None}
        sites = {site for _, _, site in held if site is not None}
        if any(operator is None and site is None for _, operator, site in held):
            return self
        return self.filter(Q(operator__in=operators) | Q(pk__in=sites))


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
