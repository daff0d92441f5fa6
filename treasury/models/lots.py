"""Lots of bitcoin, what is left of them, and what each disposal took."""

from django.db import models
from django.db.models.functions import Now

from treasury.ledger.lots import Method
from treasury.models.journal import Books, JournalEntry


class Lot(models.Model):
    """Coins that came at one moment for one cost. Never changed; what is left of it are its open lots.

    held_at: the account of the wallet where they came, where lots belong to wallets; empty: the lot is the company's.
    """

    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="lot")
    code = models.CharField(max_length=200)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    source_id = models.CharField(max_length=200, db_collation="C")
    sat = models.BigIntegerField()
    cost_usd = models.DecimalField(max_digits=20, decimal_places=2)
    held_at = models.CharField(max_length=200, default="", db_default="")
    objects = Books()

    class Meta:
        ordering = ["at", "seq", "source_id"]

    def __str__(self) -> str:
        return f"{self.code}: {self.sat} sat for {self.cost_usd} USD"


class OpenLot(models.Model):
    """What is left of a lot, or (lot None) of the pool under the average method, at one place (held_at as in Lot).

    It follows from lots and uses, and can be made of them again; `treasury.books.check` compares.
    """

    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT, related_name="open")
    held_at = models.CharField(max_length=200, default="", db_default="")
    code = models.CharField(max_length=200)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    source_id = models.CharField(max_length=200, db_collation="C")
    left_sat = models.BigIntegerField()
    left_cost_usd = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        ordering = ["at", "seq", "source_id"]
        indexes = [
            models.Index(fields=["at", "seq", "source_id"], name="open_lot_in_order"),
            models.Index(fields=["code"], name="open_lot_by_code"),
            models.Index(fields=["held_at", "at", "seq", "source_id"], name="open_lot_of_a_place"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(left_sat__gt=0), name="open_lot_holds_coins"),
            models.UniqueConstraint(
                fields=["lot", "held_at"], condition=models.Q(lot__isnull=False), name="open_lot_once_a_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.left_sat} sat left"


class LotUse(models.Model):
    """What a disposal took of a lot (lot None: of the pool). A later, earlier-dated fact may take it back: then a use
    with both signs turned stands beside it, of the entry that reverses the costing. held_at: where the lot lay."""

    costing = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lot_uses")
    disposal = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="uses_of_lots")
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT, related_name="uses")
    place = models.IntegerField(help_text="0, 1, ... in the order in which they were taken")
    sat = models.BigIntegerField()
    basis_usd = models.DecimalField(max_digits=20, decimal_places=2)
    held_at = models.CharField(max_length=200, default="", db_default="")
    objects = Books()

    class Meta:
        ordering = ["costing", "place"]

    def __str__(self) -> str:
        return f"{self.disposal_id} takes {self.sat} sat of {self.lot_id}"


class LotMove(models.Model):
    """A part of a lot (lot None: of the pool) that a transfer, pledge or release carried from place to place with its
    cost; entry None: that the company's lots gave to a wallet when lots came to belong to wallets. What an
    earlier-dated fact changes is made good by a row of the difference.
    """

    entry = models.ForeignKey(JournalEntry, null=True, on_delete=models.PROTECT, related_name="carried")
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT, related_name="moves")
    origin = models.CharField(max_length=200, help_text="the account; empty: the company's lots")
    target = models.CharField(max_length=200)
    sat = models.BigIntegerField()
    basis_usd = models.DecimalField(max_digits=20, decimal_places=2)
    recorded_at = models.DateTimeField(db_default=Now())
    objects = Books()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.sat} sat of {self.lot_id} to {self.target}"


class LotScope(models.Model):
    """From `since` on lots belong to the wallets that hold them. There is one, and no way back."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()
    actor = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="lot_scope_once")]

    def __str__(self) -> str:
        return f"by wallet since {self.since:%Y-%m-%d}"


class CostMethod(models.Model):
    """How the cost of disposals is found from an instant on."""

    since = models.DateTimeField(primary_key=True)
    method = models.CharField(max_length=8, choices=[(method.value, method.value) for method in Method])
    actor = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return f"{self.method} since {self.since:%Y-%m-%d}"


class PriceMark(models.Model):
    """The price of a bitcoin at an instant by one source; the principal market is a source among others.

    actor: who wrote it down; empty where a program did.
    """

    pk = models.CompositePrimaryKey("source", "at")
    source = models.CharField(max_length=100)
    at = models.DateTimeField()
    price_usd = models.DecimalField(max_digits=14, decimal_places=2)
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=200, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d %H:%M}: {self.price_usd} USD"
