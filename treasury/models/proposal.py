"""What somebody proposes to do with the company's bitcoin or its rules, and the word of others about it.

The database itself keeps the law (migration 0021): what was proposed never changes, a state only goes where it may,
nobody approves his own, and nothing is approved without as many approvals of this very content as it takes.
"""

from django.db import models
from django.db.models import F, Q

from cango_ops.base.models import User
from treasury.models.journal import Books


class Proposal(models.Model):
    """One thing to be done once. key: its sender's id; sent twice, it is one proposal.

    terms: what is proposed, canonical JSON; digest: SHA-256 of kind and terms, which every approval names.
    effect: the figures before and after, as they were when it was proposed.   value_usd: what counts against the caps.
    evidence: what was really done, and its proof; set with the booking.   sources: ids of the entries made.
    """

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        SELL_TO_FUND = "sell_to_fund", "Sale to fund a need"
        REPAY = "repay", "Repayment"
        REPAY_IN_COINS = "repay_in_coins", "Repayment in pledged coins"
        PLEDGE = "pledge", "Pledge"
        TOP_UP = "top_up", "Top-up"
        RELEASE = "release", "Release"
        TRANSFER = "transfer", "Transfer"
        ADDRESS = "address", "Address book entry"
        COST_METHOD = "cost_method", "Change of cost method"
        LOT_SCOPE = "lot_scope", "Lots by wallet"
        POLICY = "policy", "Change of policy"
        EXCEPTION = "exception", "Exception from an embargo"
        DRAW = "draw", "Drawdown of a loan"
        CALL = "call", "Call by a lender"
        RATE = "rate", "New rate of a loan"
        LIQUIDATION = "liquidation", "Liquidation by a lender"
        IMPORT = "import", "Import of a file of facts"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for approval"
        APPROVED = "approved", "Approved, to be booked"
        BOOKED = "booked", "Booked"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"

    key = models.UUIDField(unique=True)
    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    terms = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=500)
    maker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_as = models.CharField(max_length=20, help_text="the role whose caps hold")
    proposed_at = models.DateTimeField()
    not_after = models.DateTimeField(help_text="afterwards it is neither approved nor carried out")
    approvals_needed = models.PositiveSmallIntegerField()
    ruling = models.CharField(max_length=500, help_text="why so many approvals are needed")
    value_usd = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    price_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True, help_text="of the bitcoin, then")
    effect = models.JSONField(default=dict)
    approved_at = models.DateTimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    booked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.JSONField(null=True)
    sources = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    objects = Books()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        indexes = [models.Index(fields=["state", "not_after"], name="proposal_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(approvals_needed__gte=1), name="proposal_needs_somebody"),
            models.CheckConstraint(condition=Q(not_after__gt=F("proposed_at")), name="proposal_lasts"),
            models.CheckConstraint(
                condition=~Q(state="booked")
                | Q(booked_at__isnull=False, booked_by__isnull=False, evidence__isnull=False),
                name="proposal_booked_with_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}: {self.kind}, {self.state}"


class ProposalApproval(models.Model):
    """One person's yes to one content. words: what was checked, where the kind wants it said."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["proposal", "approver"], name="proposal_approved_once_each")]

    def __str__(self) -> str:
        return f"{self.approver} approved proposal {self.proposal_id}"


class Beneficiary(models.Model):
    """An address that coins may be sent to: added by one person, verified by another, effective after a while.

    Nothing of it ever changes; it can only be retired. Another address is another entry.
    """

    class Purpose(models.TextChoices):
        LENDER = "lender", "A lender's collateral address"
        OWN = "own", "A wallet of ours"
        EXCHANGE = "exchange", "An exchange or desk"

    name = models.CharField(max_length=100)
    address = models.CharField(max_length=100)
    network = models.CharField(max_length=8)
    script = models.CharField(max_length=8)
    purpose = models.CharField(max_length=10, choices=Purpose)
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="beneficiary")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField()
    verified_how = models.CharField(max_length=500)
    effective_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    retired_why = models.CharField(max_length=500, blank=True)
    objects = Books()

    class Meta:
        ordering = ["name", "-verified_at"]
        verbose_name_plural = "beneficiaries"
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(retired_at=None), name="beneficiary_name_once"),
            models.UniqueConstraint(fields=["address"], condition=Q(retired_at=None), name="beneficiary_address_once"),
            models.CheckConstraint(condition=~Q(added_by=F("verified_by")), name="beneficiary_verified_by_another"),
            models.CheckConstraint(
                condition=Q(effective_at__gte=F("verified_at")), name="beneficiary_effective_after_it_is_verified"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.address})"
