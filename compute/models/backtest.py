"""Back-tests: policies run through a site's past because somebody asked what each would have earned."""

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from cango_ops.base.models import User
from sites.models import Site


class BacktestQuerySet(models.QuerySet["Backtest"]):
    def visible_to(self, user: User | AnonymousUser) -> "BacktestQuerySet":
        return self.filter(site__in=Site.objects.visible_to(user))


class Backtest(models.Model):
    """One back-test. request_id: made by whoever asks for it, so that asking twice is asking once.

    inputs: the past it runs on, as compute.replays.past froze it. begin_local: its first step by the site's clock.
    notes: what was left out of it, and why. position: steps done of `steps`, over all policies. turns: how often a
    worker took up the policy that runs now. results: by policy, as they end.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    OPEN = (State.WAITING, State.RUNNING)

    request_id = models.UUIDField(unique=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="backtests")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=120)
    begin_local = models.DateTimeField(help_text="by the site's clock, kept as UTC")
    policies = models.JSONField(default=list)
    lag = models.PositiveSmallIntegerField(default=0, help_text="steps until a real-time price is known")
    inputs = models.BinaryField()
    notes = models.JSONField(default=list)
    steps = models.PositiveIntegerField()
    position = models.PositiveIntegerField(default=0)
    turns = models.PositiveSmallIntegerField(default=0)
    results = models.JSONField(default=dict)
    words = models.CharField(max_length=300, blank=True, help_text="why it failed")

    objects = BacktestQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(state__in=("waiting", "running")), name="one_open_backtest_a_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} at {self.asked_at:%Y-%m-%d %H:%M}: {self.state}"
