"""Logins of machines: sealed, one for a language at a site, or one for a single machine."""

import uuid

from django.db import models
from django.db.models import Q

from cango_ops.base.sealed import SealedField
from compute.models.device import Device
from sites.models import Site


class Credential(models.Model):
    """What machines of one language at a site are signed in with; `device` narrows it to one of them.

    secret: user, password and token, sealed for `row`; read by compute.credentials alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="credentials")
    language = models.CharField(max_length=32, help_text="key of compute.protocols.ADAPTERS")
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.CASCADE, related_name="credentials")
    secret = SealedField()
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=200, help_text="e-mail address of a person, or a part of the system")

    class Meta:
        ordering = ["language", "device_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "language"], condition=Q(device=None), name="one_login_a_language_and_site"
            ),
            models.UniqueConstraint(fields=["device"], condition=~Q(device=None), name="one_login_a_device"),
        ]

    def __str__(self) -> str:
        return f"{self.language} at {self.site_id}" + (f", machine {self.device_id}" if self.device_id else "")

    @property
    def row(self) -> str:
        """What the secret is bound to: moved to another site, language or machine it does not open any more."""
        return f"credential/{self.pk}/{self.site_id}/{self.language}/{self.device_id or ''}"
