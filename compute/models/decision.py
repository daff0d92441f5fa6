"""What a site should run: plans, the decisions taken from them, and what they turned out to be worth."""

from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User
from sites.models import Site


class OfSites(models.QuerySet):
    """Rows of sites that a person may see."""

    def visible_to(self, user: User | AnonymousUser) -> "OfSites":
        return self.filter(site__in=Site.objects.visible_to(user))


class Plan(models.Model):
    """One planning round of a site: everything it was made from, and what came of it.

    inputs: compressed JSON of schema switch-site/1, never changed; digest: SHA-256 of that JSON. facts: where each
    input came from and how old it was. source: solver, last plan, merit order, safe state; empty where nothing could
    be planned, then words says why. schedule: what runs in each step, for charts. thinned_at: when inputs, chosen and
    schedule were let go; never of a plan that became a decision.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="plans")
    made_at = models.DateTimeField()
    begin_at = models.DateTimeField()
    inputs = models.BinaryField(null=True)
    chosen = models.BinaryField(null=True, help_text="the plan itself, compressed JSON")
    digest = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=list)
    source = models.CharField(max_length=16, blank=True)
    words = models.CharField(max_length=300, blank=True)
    profit_usd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    keep_usd = models.DecimalField(max_digits=16, decimal_places=2, null=True, help_text="of going on as now")
    merit_usd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    gap_usd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    hour_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True, help_text="expected of the first hour")
    schedule = models.JSONField(default=dict)
    verdict = models.CharField(max_length=200, blank=True, help_text="why a decision came of it, or none did")
    thinned_at = models.DateTimeField(null=True, editable=False)

    objects = OfSites.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.UniqueConstraint(fields=["site", "made_at"], name="one_plan_a_round")]

    def __str__(self) -> str:
        return f"{self.site} at {self.made_at:%Y-%m-%d %H:%M}"


class Decision(models.Model):
    """A change of what runs, proposed with its reason and its price, and what became of it.

    moves: per unit {unit, from, to, mw, verb, limit_w}; mw above zero draws more. gain_usd: over going on as now until
    until_at, by a second solve with the change forbidden. alternatives, break_evens: see compute.decisions. without:
    the best that could be done without it, as columns over the plan's steps; empty where it was not kept.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waiting for approval"
        HELD = "held", "On hold"
        APPROVED = "approved", "Approved"
        ORDERED = "ordered", "Ordered"
        DONE = "done", "Done"
        FAILED = "failed", "Not done"
        REFUSED = "refused", "Refused"
        SUPERSEDED = "superseded", "Superseded"
        EXPIRED = "expired", "Expired"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="decisions")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="decisions")
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    direction = models.CharField(max_length=8)
    sentence = models.CharField(max_length=500)
    moves = models.JSONField(default=list)
    alternatives = models.JSONField(default=list)
    break_evens = models.JSONField(default=list)
    without = models.JSONField(default=dict)
    gain_usd = models.DecimalField(max_digits=14, decimal_places=2)
    usd_per_h = models.DecimalField(max_digits=14, decimal_places=2)
    change_mw = models.FloatField(help_text="of the site's load, below zero for less")
    proposed_at = models.DateTimeField()
    until_at = models.DateTimeField()
    not_after = models.DateTimeField(help_text="afterwards it may not be approved any more")
    held_until = models.DateTimeField(null=True)
    approvals_needed = models.PositiveSmallIntegerField()
    ruling = models.CharField(max_length=200)
    risk_usd = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, help_text="what it may cost at most, None where nobody can say"
    )
    is_automatic = models.BooleanField(default=False)
    request_id = models.UUIDField(unique=True, help_text="orders are made under ids that follow from it")
    order_ids = models.JSONField(default=list)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    before_mw = models.FloatField(null=True)
    after_mw = models.FloatField(null=True)
    verified_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=200, blank=True, help_text="whether the power moved")

    objects = OfSites.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        indexes = [models.Index(fields=["site", "-proposed_at"], name="decision_by_site")]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(state__in=["proposed", "held", "approved", "ordered"]),
                name="one_open_decision_a_site",
            ),
            models.CheckConstraint(condition=Q(until_at__gt=F("proposed_at")), name="decision_lasts"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"decision {self.pk} at {self.site}: {self.state}"


class DecisionApproval(models.Model):
    """The word of one person about one decision."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="approvals")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["decision", "approver"], name="decision_approval_once_a_person")]

    def __str__(self) -> str:
        return f"{self.approver} approved decision {self.decision_id}"


class SwitchMemory(models.Model):
    """What is remembered of a site from round to round, so that it does not flap."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="switch_memory")
    wanted = models.CharField(max_length=8, blank=True)
    windows = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.site}: {self.wanted or 'nothing'} for {self.windows} windows"


class Hindsight(models.Model):
    """A site's day, so far or (made_at after its end) as a whole. hours: those that everything is known of; the others
    are in no sum.

    earned: by measured hashrate, sold nodes and metered power. promised: what the plans had said of what ran. merit,
    always_on, perfect: what the rule, everything on, and knowing all prices ahead would have earned.
    """

    pk = models.CompositePrimaryKey("site_id", "day")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="hindsight", db_index=False)
    day = models.DateField(help_text="in the site's zone")
    hours = models.PositiveSmallIntegerField()
    missing = models.JSONField(default=dict, help_text="hours left out, by reason")
    earned_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    promised_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    merit_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    always_on_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    perfect_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    made_at = models.DateTimeField()

    objects = OfSites.as_manager()

    class Meta:
        db_table = "decision_hindsight"

    def __str__(self) -> str:
        return f"{self.site_id} on {self.day}"

    @property
    def dollars(self) -> tuple[Decimal | None, ...]:
        return (self.earned_usd, self.promised_usd, self.merit_usd, self.always_on_usd, self.perfect_usd)
