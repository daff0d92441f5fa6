"""What keeps the console from acting: holds that people press, and the policy of each site."""

from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models import Operator, Site


class Hold(models.Model):
    """While it stands, nothing leaves that was approved before it, and nothing automatic at all.

    Of one site, of every site of an operator, or (neither named) of all sites.
    """

    request_id = models.UUIDField(unique=True)
    operator = models.ForeignKey(Operator, null=True, on_delete=models.PROTECT, related_name="holds")
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=300, blank=True)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(condition=Q(operator=None) | Q(site=None), name="hold_names_one_scope"),
            models.UniqueConstraint(
                fields=["operator", "site"], condition=Q(lifted_at=None), nulls_distinct=False, name="one_hold_a_scope"
            ),
        ]

    def __str__(self) -> str:
        return f"hold of {self.site or self.operator or 'every site'}"


class CommandPolicy(models.Model):
    """What becomes of a request at a site, by the role of who makes it ("console": the console itself).

    Without a row the defaults of compute.commands.policy hold.
    """

    class Mode(models.TextChoices):
        ADVISE = "advise", "Advise only"
        APPROVE = "approve", "Approve"
        AUTOMATIC = "automatic", "Automatic within limits"

    class Requester(models.TextChoices):
        OPERATOR = "operator", "Operator"
        MANAGER = "manager", "Duty manager"
        ADMIN = "admin", "Admin"
        CONSOLE = "console", "The console"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="command_policies")
    requester = models.CharField(max_length=10, choices=Requester)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.APPROVE)
    max_kw = models.FloatField(default=0.0, help_text="automatic up to this")
    max_hours = models.FloatField(default=0.0)
    max_usd = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    two_person_above_kw = models.FloatField(default=1000.0, help_text="above it two people must approve")

    class Meta:
        ordering = ["site", "requester"]
        constraints = [
            models.UniqueConstraint(fields=["site", "requester"], name="one_command_policy_a_requester"),
            models.CheckConstraint(
                condition=Q(max_kw__gte=0, max_hours__gte=0, max_usd__gte=0, two_person_above_kw__gte=0),
                name="command_policy_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site} {self.requester}: {self.mode}"
