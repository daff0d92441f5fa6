"""Wallets that are watched and never spent from: what they are, what the chain said of them, what custodians said."""

from django.db import models
from django.db.models import Q

from treasury.models.journal import Books


class Wallet(models.Model):
    """One wallet. name: that of the books.   descriptor: public, without its checksum; empty for a custodian's.

    gap_limit: so many unused addresses in a row end the search.
    """

    class Kind(models.TextChoices):
        WATCHED = "watched", "Watched on the chain"
        CUSTODIAN = "custodian", "At a custodian"

    class Network(models.TextChoices):
        MAIN = "main", "Bitcoin"
        TEST = "test", "A test network"

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=9, choices=Kind)
    descriptor = models.CharField(max_length=4000, blank=True)
    network = models.CharField(max_length=4, choices=Network, default=Network.MAIN)
    gap_limit = models.PositiveSmallIntegerField(default=20)
    min_confirmations = models.PositiveSmallIntegerField(default=6)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    objects = Books()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["descriptor"], condition=~Q(descriptor=""), name="wallet_watched_once"),
            models.CheckConstraint(
                condition=Q(kind="watched", descriptor__gt="") | Q(kind="custodian", descriptor=""),
                name="wallet_watched_by_descriptor",
            ),
            models.CheckConstraint(condition=Q(gap_limit__gte=1, gap_limit__lte=1000), name="wallet_gap_limit"),
        ]

    def __str__(self) -> str:
        return self.name


class WalletReading(models.Model):
    """What a source of the chain said of a wallet at a block.

    immature: of coinbases with less than 100 confirmations; pending: with fewer confirmations than the wallet wants.
    orphaned_at: when the block was found to be in the chain no more.   replaces: the reading of such a block.
    """

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="readings", db_index=False)
    source = models.CharField(max_length=100)
    observed_at = models.DateTimeField()
    height = models.PositiveIntegerField()
    block_hash = models.CharField(max_length=64)
    confirmed_sat = models.BigIntegerField()
    immature_sat = models.BigIntegerField()
    pending_sat = models.BigIntegerField()
    outputs = models.PositiveIntegerField()
    orphaned_at = models.DateTimeField(null=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    objects = Books()

    class Meta:
        ordering = ["wallet", "-observed_at"]
        constraints = [models.UniqueConstraint(fields=["wallet", "source", "observed_at"], name="wallet_reading_once")]

    def __str__(self) -> str:
        return f"{self.wallet} at {self.height}: {self.total_sat} sat"

    @property
    def total_sat(self) -> int:
        return self.confirmed_sat + self.immature_sat + self.pending_sat


class WalletOutput(models.Model):
    """An output of the chain that pays a wallet. height None: in no block yet.   gone_at: when it was missed, because
    it was spent or its block left the chain."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="chain_outputs", db_index=False)
    txid = models.CharField(max_length=64)
    vout = models.PositiveIntegerField()
    sat = models.BigIntegerField()
    branch = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(help_text="of the address within its branch")
    height = models.PositiveIntegerField(null=True)
    is_coinbase = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    objects = Books()

    class Meta:
        ordering = ["wallet", "first_seen_at", "txid", "vout"]
        constraints = [models.UniqueConstraint(fields=["wallet", "txid", "vout"], name="wallet_output_once")]

    def __str__(self) -> str:
        return f"{self.txid}:{self.vout} {self.sat} sat"


class WalletWatch(models.Model):
    """How the reading of a wallet by a source goes. Written by treasury.wallets.read alone."""

    wallet = models.ForeignKey(Wallet, on_delete=models.CASCADE, related_name="watches", db_index=False)
    source = models.CharField(max_length=100)
    next_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failing_reason = models.CharField(max_length=300, blank=True)
    objects = Books()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["wallet", "source"], name="wallet_watch_once")]

    def __str__(self) -> str:
        return f"{self.wallet} by {self.source}"


class CustodianStatement(models.Model):
    """What a custodian says it holds at an instant. Never changed. evidence: SHA-256 of the file, and its line."""

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="statements", db_index=False)
    at = models.DateTimeField()
    sat = models.BigIntegerField()
    evidence = models.CharField(max_length=100)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)
    objects = Books()

    class Meta:
        ordering = ["wallet", "-at"]
        constraints = [
            models.UniqueConstraint(fields=["wallet", "at"], name="custodian_statement_once"),
            models.CheckConstraint(condition=Q(sat__gte=0), name="custodian_statement_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.at:%Y-%m-%d %H:%M}: {self.sat} sat"
