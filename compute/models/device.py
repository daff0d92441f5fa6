"""Machines: where each stands and how it is asked, and the current row of what is known of it."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Upper

from cango_ops.base.models import User
from compute.models.container import Container
from sites.models import Site


class State(models.TextChoices):
    """The six states of everything the console shows."""

    OK = "ok", "OK"
    WARNING = "warning", "Warning"
    CRITICAL = "critical", "Critical"
    MAINTENANCE = "maintenance", "Maintenance"
    STALE = "stale", "Stale"
    UNKNOWN = "unknown", "Unknown"


class DeviceQuerySet(models.QuerySet["Device"]):
    def visible_to(self, user: User | AnonymousUser) -> "DeviceQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class Device(models.Model):
    """The site map's line for one machine (one GPU node counts as one): a place, an address, a language.

    The nameplate is what was bought for this place; it feeds "deployed" and says nothing about what runs.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="devices")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="devices")
    slot = models.PositiveSmallIntegerField(help_text="place in the container, from 1")
    address = models.GenericIPAddressField(protocol="IPv4")
    port = models.PositiveIntegerField()
    language = models.CharField(max_length=32, help_text="key of compute.protocols.ADAPTERS")
    model = models.CharField(max_length=64, blank=True, help_text="as in the catalog")
    # Which machine of that model: taken from what it says when first heard, and known again by (docs/finding.md).
    serial = models.CharField(max_length=64, blank=True, default="")
    mac = models.CharField(max_length=17, blank=True, default="")
    standing_since = models.DateTimeField(null=True, blank=True, help_text="since it took the place of another machine")
    is_gpu = models.BooleanField(default=False)
    nameplate_ths = models.FloatField(null=True, blank=True)
    nameplate_w = models.FloatField(null=True, blank=True)
    gpus = models.PositiveSmallIntegerField(default=0)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["container", "slot"]
        # What lists are sorted by, so that a page of a long one is read off the index.
        indexes = [
            models.Index(fields=["model", "id"], name="device_by_model"),
            models.Index(fields=["language", "id"], name="device_by_language"),
            models.Index(fields=["slot", "id"], name="device_by_slot"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["container", "slot"], name="one_device_a_place"),
            # Deferred, so that two machines can swap their places in one transaction.
            models.UniqueConstraint(
                fields=["address", "port"], name="one_device_an_address", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.container}/{self.slot}"


class DeviceNow(models.Model):
    """What is known of a device and changes rarely: its state and what it says it is.

    Written by the collector alone, one statement a site, and only for devices of which something changed; the
    eight numbers that change every minute live in the container's current blob (compute.telemetry).
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True, related_name="now")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=11, choices=State, default=State.UNKNOWN)
    reason = models.CharField(max_length=100, blank=True, default="never polled")
    since = models.DateTimeField(null=True)
    vendor = models.CharField(max_length=64, blank=True)
    model_reported = models.CharField(max_length=100, blank=True)
    firmware = models.CharField(max_length=100, blank=True)
    mac = models.CharField(max_length=17, blank=True)
    serial = models.CharField(max_length=64, blank=True)
    power_limit_w = models.PositiveIntegerField(null=True, help_text="what it says that it stands under")
    limit_since = models.DateTimeField(null=True, help_text="when it was first heard under that limit")
    # The three below are written by compute.commands.standing_orders alone.
    ordered_limit_w = models.PositiveIntegerField(null=True, help_text="an order's that still holds it down")
    own_limit_w = models.PositiveIntegerField(null=True, help_text="its own, before a decision held it down")
    ordered_asleep_at = models.DateTimeField(null=True, help_text="since when an order holds it asleep")

    class Meta:
        # None on what the collector writes often: an update that touches no index stays on its page.
        indexes = [
            models.Index(fields=["site"], name="now_site"),
            models.Index(Upper("mac"), name="now_mac"),
            models.Index(Upper("serial"), name="now_serial"),
            models.Index(
                fields=["ordered_asleep_at"], name="now_asleep", condition=models.Q(ordered_asleep_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device}: {self.state}"
