"""What should have been mined, what pools say they owe and paid, and where those, the wallets and the books differ."""

from django.db import models
from django.db.models import F, Q

from compute.models import PoolAccount
from sites.models import Site
from treasury.models.journal import Books


class HashrateLease(models.Model):
    """Hashrate of a site that is leased out: it mines for the lessee. end_at None: until further notice."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hashrate_leases")
    lessee = models.CharField(max_length=100)
    hashrate_ths = models.DecimalField(max_digits=14, decimal_places=3)
    begin_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True, blank=True)
    objects = Books()

    class Meta:
        ordering = ["site", "begin_at"]
        constraints = [
            models.CheckConstraint(condition=Q(end_at=None) | Q(end_at__gt=F("begin_at")), name="lease_lasts"),
            models.CheckConstraint(condition=Q(hashrate_ths__gt=0), name="lease_of_some_hashrate"),
        ]

    def __str__(self) -> str:
        return f"{self.hashrate_ths} TH/s of {self.site} to {self.lessee}"


class ProductionDay(models.Model):
    """What a site should have mined on a day (UTC) by its measured hashrate, after the pool fee.

    minutes: those that were measured; what is missing of 1,440 is a gap and adds nothing.   own_ths: mean over them,
    leased hashrate taken off.   expected_sat None: why stands in reason.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="production_days")
    day = models.DateField()
    expected_sat = models.BigIntegerField(null=True)
    own_ths = models.FloatField(null=True)
    leased_ths = models.FloatField(default=0)
    minutes = models.IntegerField()
    fee_share = models.DecimalField(max_digits=5, decimal_places=4)
    reason = models.CharField(max_length=200, blank=True)
    measured_at = models.DateTimeField()
    objects = Books()

    class Meta:
        ordering = ["day", "site"]
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="production_day_once")]
        indexes = [models.Index(fields=["day"], name="production_day_by_day")]

    def __str__(self) -> str:
        return f"{self.site} {self.day}: {self.expected_sat} sat expected"


class PoolStatement(models.Model):
    """How the lists of a pool account are read, and into which wallet of the books it pays."""

    account = models.OneToOneField(PoolAccount, on_delete=models.CASCADE, related_name="statement")
    wallet = models.CharField(max_length=100, default="pool-hot")
    next_at = models.DateTimeField(null=True, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    failing_reason = models.CharField(max_length=300, blank=True, editable=False)
    objects = Books()

    def __str__(self) -> str:
        return f"{self.account} into {self.wallet}"


class PoolEarning(models.Model):
    """What a pool credited to an account for a day (UTC), as it was told first. Never changed."""

    account = models.ForeignKey(PoolAccount, on_delete=models.PROTECT, related_name="earnings", db_index=False)
    day = models.DateField()
    amount_sat = models.BigIntegerField()
    shares = models.BigIntegerField(null=True)
    source = models.CharField(max_length=100)
    recorded_at = models.DateTimeField(auto_now_add=True)
    objects = Books()

    class Meta:
        ordering = ["account", "day"]
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="pool_earning_once"),
            models.CheckConstraint(condition=Q(amount_sat__gte=0), name="pool_earning_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.day}: {self.amount_sat} sat"


class PoolPayout(models.Model):
    """What a pool says it sent. key: the transaction, or the pool's own number. Never changed."""

    account = models.ForeignKey(PoolAccount, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    key = models.CharField(max_length=120)
    paid_at = models.DateTimeField()
    amount_sat = models.BigIntegerField()
    source = models.CharField(max_length=100)
    recorded_at = models.DateTimeField(auto_now_add=True)
    objects = Books()

    class Meta:
        ordering = ["-paid_at", "account", "key"]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="pool_payout_once"),
            models.CheckConstraint(condition=Q(amount_sat__gt=0), name="pool_payout_of_some"),
        ]
        indexes = [models.Index(fields=["paid_at"], name="pool_payout_in_order")]

    def __str__(self) -> str:
        return f"{self.account} {self.key}: {self.amount_sat} sat"

    @property
    def source_id(self) -> str:
        """The id under which it stands in the books."""
        return f"payout/{self.account_id}/{self.key}"


class ReconciliationBreak(models.Model):
    """Something that two tellers of the same coins do not agree on.

    kind, subject: which; found again it is the same break.   off_sat: the later less the earlier of the two.
    owner: whose work it is.   An explained break that changes its amount is open again; one that is no longer found is
    closed by the console, and opens again if it comes back.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        EXPLAINED = "explained", "Explained"
        CLOSED = "closed", "Closed"

    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=200)
    off_sat = models.BigIntegerField()
    words = models.CharField(max_length=300)
    owner = models.CharField(max_length=32)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    comment = models.CharField(max_length=500, blank=True)
    commented_by = models.CharField(max_length=200, blank=True)
    commented_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    objects = Books()

    class Meta:
        ordering = ["first_seen_at", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="break_once")]
        indexes = [models.Index(fields=["state", "first_seen_at"], name="break_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}: {self.off_sat} sat"
