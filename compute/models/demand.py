"""What the machines of a site can sell: the pool's terms, GPU contracts, and what the spot market asks for."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User
from sites.models import Site


class MiningTerms(models.Model):
    """What a site's pool keeps of the reward."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="mining_terms")
    pool = models.CharField(max_length=64)
    fee_share = models.DecimalField(max_digits=5, decimal_places=4, default=0, help_text="0.02 is two per cent")

    class Meta:
        verbose_name_plural = "mining terms"
        constraints = [
            models.CheckConstraint(condition=Q(fee_share__gte=0, fee_share__lt=1), name="pool_fee_is_a_share")
        ]

    def __str__(self) -> str:
        return f"{self.site} at {self.pool}"


class GpuContractQuerySet(models.QuerySet["GpuContract"]):
    def visible_to(self, user: User | AnonymousUser) -> "GpuContractQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class GpuContract(models.Model):
    """Nodes that a customer has bought: they are paid for while up, and each one missing costs the penalty."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="gpu_contracts")
    customer = models.CharField(max_length=100)
    nodes = models.PositiveIntegerField()
    usd_per_node_h = models.DecimalField(max_digits=10, decimal_places=4)
    penalty_usd_per_node_h = models.DecimalField(max_digits=10, decimal_places=4, default=0)
    begin_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True, blank=True)

    objects = GpuContractQuerySet.as_manager()

    class Meta:
        ordering = ["site", "customer"]
        constraints = [
            models.CheckConstraint(condition=Q(end_at=None) | Q(end_at__gt=F("begin_at")), name="gpu_contract_lasts"),
            models.CheckConstraint(
                condition=Q(usd_per_node_h__gte=0, penalty_usd_per_node_h__gte=0), name="gpu_contract_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.nodes} nodes at {self.site}"


class SpotDemand(models.Model):
    """How many nodes more could be sold at a site by the hour, as somebody said it. Known for as long as it says."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="spot_demand")
    observed_at = models.DateTimeField()
    nodes = models.PositiveIntegerField()
    usd_per_node_h = models.DecimalField(max_digits=10, decimal_places=4)
    good_until = models.DateTimeField()
    source = models.CharField(max_length=100)

    class Meta:
        ordering = ["site", "-observed_at"]
        constraints = [models.UniqueConstraint(fields=["site", "observed_at"], name="spot_demand_once")]

    def __str__(self) -> str:
        return f"{self.nodes} nodes at {self.site} from {self.observed_at:%Y-%m-%d %H:%M}"
