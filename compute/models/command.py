"""Orders to machines: what somebody wants of many machines of a site, and one command for each of them."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from compute.models.device import Device
from sites.models import Battery, Site


class Verb(models.TextChoices):
    """What a machine can be told. Absolute targets: told twice, it does the same as told once."""

    SLEEP = "sleep", "Sleep"
    WAKE = "wake", "Wake"
    POWER_LIMIT = "power_limit", "Power limit"
    SETPOINT = "setpoint", "Battery setpoint"


# What machines can be told; a battery has an order of its own.
MACHINE_VERBS = tuple(choice for choice in Verb.choices if choice[0] != Verb.SETPOINT)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User | AnonymousUser) -> "OrderQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class Order(models.Model):
    """One verb for machines of one site, sent wave after wave once enough people approved it.

    promised_w: what the site should draw less, by telemetry at the time of the request (negative: more).
    wave: the wave that may be sent now, 0 before the first. meter_*: what the site's meters said around it.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waiting for approval"
        APPROVED = "approved", "Running"
        REFUSED = "refused", "Refused"
        STOPPED = "stopped", "Stopped"
        EXPIRED = "expired", "Expired"
        DONE = "done", "Done"

    request_id = models.UUIDField(unique=True, help_text="made by the sender: a repeated request is the same order")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="orders")
    verb = models.CharField(max_length=12, choices=Verb)
    limit_w = models.PositiveIntegerField(null=True, help_text="of each machine, for power_limit")
    setpoint_w = models.IntegerField(null=True, help_text="of a battery: above zero it gives, below zero it takes")
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    source = models.CharField(max_length=100, default="person", help_text="opaque: who in the console wanted it")
    is_automatic = models.BooleanField(default=False, help_text="no person requested it: a hold stops it")
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    ruling = models.CharField(max_length=200, help_text="why so many approvals are needed")
    approvals_needed = models.PositiveSmallIntegerField()
    approved_at = models.DateTimeField(null=True)
    not_after = models.DateTimeField(help_text="nothing of it leaves after this")
    promised_w = models.FloatField()
    hours = models.FloatField(null=True, help_text="how long it is meant to last; null: until something else is said")
    risk_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True, help_text="what it may cost at most")
    skipped = models.JSONField(default=dict, help_text="machines left out, by reason")
    wave_size = models.PositiveIntegerField()
    wave_gap_s = models.FloatField(default=0.0)
    waves = models.PositiveIntegerField()
    wave = models.PositiveIntegerField(default=0)
    wave_opened_at = models.DateTimeField(null=True)
    retry_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="retries")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    meter_before_w = models.FloatField(null=True)
    meter_before_at = models.DateTimeField(null=True)
    meter_after_w = models.FloatField(null=True)
    meter_after_at = models.DateTimeField(null=True)
    meter_words = models.CharField(max_length=200, blank=True, help_text="which reading was taken afterwards, and why")

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "site"], name="order_by_state"),
            models.Index(fields=["site", "-id"], name="order_by_site"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verb=Verb.POWER_LIMIT, limit_w__gt=0) | (~Q(verb=Verb.POWER_LIMIT) & Q(limit_w=None)),
                name="order_limit_where_it_is_one",
            ),
            models.CheckConstraint(
                condition=Q(verb=Verb.SETPOINT, setpoint_w__isnull=False)
                | (~Q(verb=Verb.SETPOINT) & Q(setpoint_w=None)),
                name="order_setpoint_where_it_is_one",
            ),
            models.CheckConstraint(
                condition=Q(is_automatic=True) | Q(requested_by__isnull=False), name="order_has_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.pk}: {self.verb} at {self.site}"


class Approval(models.Model):
    """The word of one person about one order. Once given it stays."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["order", "approver"], name="approval_once_a_person")]

    def __str__(self) -> str:
        return f"{self.approver} approved {self.order_id}"


class Command(models.Model):
    """One machine's part of an order, or a battery's.

    requested -> approved -> claimed(epoch) -> sent -> acknowledged -> confirmed | failed | expired | unknown, and
    stopped for what a person ended before it left. Who may go where stands in compute.commands.states.
    expected_w: what it should draw less.   before_w, after_w: what telemetry said before it and when it was confirmed.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        APPROVED = "approved", "Approved"
        CLAIMED = "claimed", "Claimed"
        SENT = "sent", "Sent"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        CONFIRMED = "confirmed", "Confirmed"
        FAILED = "failed", "Failed"
        EXPIRED = "expired", "Expired"
        UNKNOWN = "unknown", "Unknown"
        STOPPED = "stopped", "Stopped"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="commands")
    device = models.ForeignKey(Device, null=True, on_delete=models.SET_NULL, related_name="commands")
    battery = models.ForeignKey(Battery, null=True, on_delete=models.SET_NULL, related_name="commands")
    place = models.CharField(max_length=64, help_text="where it stood, kept when the machine leaves the site map")
    wave = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.REQUESTED)
    epoch = models.BigIntegerField(null=True, help_text="of the sender's lease when it was claimed")
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    read_back_at = models.DateTimeField(null=True, help_text="when the machine was last asked what it does")
    confirm_by = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True, help_text="what the machine said")
    reason = models.CharField(max_length=200, blank=True, help_text="why it ended as it did")
    expected_w = models.FloatField(default=0.0)
    before_w = models.FloatField(null=True)
    after_w = models.FloatField(null=True)
    limit_before_w = models.PositiveIntegerField(null=True, help_text="what it stood under when this was asked for")
    retry_of = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="retry")

    class Meta:
        ordering = ["order", "pk"]
        indexes = [
            models.Index(
                fields=["order", "wave"],
                name="command_under_way",
                condition=Q(state__in=["approved", "claimed", "sent", "acknowledged", "unknown"]),
            ),
            models.Index(fields=["order", "state"], name="command_by_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=Q(state__in=["requested", "approved", "claimed", "sent", "acknowledged", "unknown"]),
                name="one_open_command_a_device",
            ),
            models.UniqueConstraint(
                fields=["battery"],
                condition=Q(state__in=["requested", "approved", "claimed", "sent", "acknowledged", "unknown"]),
                name="one_open_command_a_battery",
            ),
        ]

    def __str__(self) -> str:
        return f"command {self.pk} to {self.place}: {self.state}"


class Settling(models.Model):
    """How long the machines of an order took, in one language, until they drew what they were told to.

    seconds: to the minute; None where it could not be seen. machines: of how many.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="settlings")
    language = models.CharField(max_length=32)
    seconds = models.FloatField(null=True)
    machines = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ["-measured_at"]
        indexes = [models.Index(fields=["language", "-measured_at"], name="settling_by_language")]
        constraints = [models.UniqueConstraint(fields=["order", "language"], name="one_settling_a_language")]

    def __str__(self) -> str:
        return f"{self.language} of order {self.order_id}: {self.seconds} s"
