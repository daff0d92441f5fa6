"""Who may see and do what: memberships of people, tokens of programs."""

from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models.places import Operator, Site


class Role(models.TextChoices):
    """What a member may do at the sites of the membership; the rights of each stand in sites.rights."""

    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    MANAGER = "manager", "Duty manager"
    TREASURER = "treasurer", "Treasurer"
    INVESTOR_RELATIONS = "investor_relations", "Investor relations"
    ADMIN = "admin", "Admin"


class Membership(models.Model):
    """One role of one person at one site, at all sites of one operator, or (neither named) at every site."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    operator = models.ForeignKey(Operator, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(operator=None) | Q(site=None), name="membership_names_one_scope"),
            models.UniqueConstraint(
                fields=["user", "role", "operator", "site"], nulls_distinct=False, name="membership_once"
            ),
        ]

    def __str__(self) -> str:
        scope = self.site or self.operator or "every site"
        return f"{self.user}: {self.role} at {scope}"


class ApiToken(models.Model):
    """A program's key: scopes x sites x expiry. Only its digest is kept; the key itself is shown once."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Write"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=128)
    scopes = models.JSONField(default=list)
    sites = models.ManyToManyField(Site, blank=True, related_name="api_tokens")
    all_sites = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], condition=Q(revoked_at=None), name="token_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"
