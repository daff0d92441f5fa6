"""Accounts at mining pools, and what the pools said of them."""

from django.contrib.auth.models import AnonymousUser
from django.db import models

from cango_ops.base.models import User
from sites.models import Operator


class PoolAccountQuerySet(models.QuerySet["PoolAccount"]):
    """Accounts. One speaks for all sites of its operator, so whoever sees only some of them sees no account."""

    def visible_to(self, user: User | AnonymousUser) -> "PoolAccountQuerySet":
        if not user.is_authenticated or not user.is_active or getattr(user, "token_site_ids", None) is not None:
            return self.none()
        mine = user.memberships.all()
        if mine.filter(operator=None, site=None).exists():
            return self
        return self.filter(operator__in=mine.exclude(operator=None).values("operator"))


class PoolAccount(models.Model):
    """One account at one pool. Its secrets stand in the settings, never here."""

    name = models.CharField(max_length=60, unique=True)
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="pool_accounts")
    provider = models.CharField(max_length=20)

    # Written by compute.market.pools alone, with UPDATE and never with save().
    next_at = models.DateTimeField(null=True, editable=False, help_text="not to be asked before")
    failures = models.PositiveSmallIntegerField(default=0, editable=False, help_text="in a row")
    failing_since = models.DateTimeField(null=True, editable=False)
    failing_reason = models.CharField(max_length=200, blank=True, editable=False)

    objects = PoolAccountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PoolReading(models.Model):
    """What a pool said of an account at one moment. workers: [name, TH/s, active] of each."""

    account = models.ForeignKey(PoolAccount, on_delete=models.CASCADE, related_name="readings", db_index=False)
    observed_at = models.DateTimeField()
    hashrate_now_ths = models.FloatField(null=True)
    hashrate_1h_ths = models.FloatField(null=True)
    hashrate_24h_ths = models.FloatField(null=True)
    workers_active = models.PositiveIntegerField(null=True)
    workers_inactive = models.PositiveIntegerField(null=True)
    balance_sat = models.BigIntegerField(null=True)
    earned_24h_sat = models.BigIntegerField(null=True)
    rejected_pct = models.FloatField(null=True)
    workers = models.JSONField(default=list)

    class Meta:
        ordering = ["account", "-observed_at"]
        constraints = [models.UniqueConstraint(fields=["account", "observed_at"], name="pool_reading_once")]

    def __str__(self) -> str:
        return f"{self.account} at {self.observed_at:%Y-%m-%d %H:%M}"
