"""Lots of bitcoin, what is left of them, and what each disposal took."""

from django.db import models

from treasury.ledger.lots import Method
from treasury.models.journal import Books, JournalEntry


class Lot(models.Model):
    """Coins that came at one moment for one cost. Never changed; what is left of it is its open lot."""

    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="lot")
    code = models.CharField(max_length=200)
    at = models.DateTimeField()
    seq = models.BigIntegerField()
    source_id = models.CharField(max_length=200, db_collation="C")
    sat = models.BigIntegerField()
    cost_usd = models.DecimalField(max_digits=20, decimal_places=2)
    objects = Books()

    class Meta:
        ordering = ["at", "seq", "source_id"]

    def __str__(self) -> str:
        return f"{self.code}: {self.sat} sat for {self.cost_usd} USD"


class OpenLot(models.Model):
    """What is left of a lot, or (lot None) of the pool under the average method.

    It follows from lots and uses, and can be made of them again; `treasury.books.check` compares.
    """

    lot = models.OneToOneField(Lot, null=True, on_delete=models.PROTECT, related_name="open")
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
        ]
        constraints = [models.CheckConstraint(condition=models.Q(left_sat__gt=0), name="open_lot_holds_coins")]

    def __str__(self) -> str:
        return f"{self.code}: {self.left_sat} sat left"


class LotUse(models.Model):
    """What a disposal took of a lot (lot None: of the pool). A later, earlier-dated fact may take it back: then a use
    with both signs turned stands beside it, of the entry that reverses the costing."""

    costing = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lot_uses")
    disposal = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="uses_of_lots")
    lot = models.ForeignKey(Lot, null=True, on_delete=models.PROTECT, related_name="uses")
    place = models.IntegerField(help_text="0, 1, ... in the order in which they were taken")
    sat = models.BigIntegerField()
    basis_usd = models.DecimalField(max_digits=20, decimal_places=2)
    objects = Books()

    class Meta:
        ordering = ["costing", "place"]

    def __str__(self) -> str:
        return f"{self.disposal_id} takes {self.sat} sat of {self.lot_id}"


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
    """The price of a bitcoin at an instant by one source; the principal market is a source among others."""

    pk = models.CompositePrimaryKey("source", "at")
    source = models.CharField(max_length=100)
    at = models.DateTimeField()
    price_usd = models.DecimalField(max_digits=14, decimal_places=2)
    recorded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d %H:%M}: {self.price_usd} USD"
