"""Shares, what may become shares, the share's price, and amounts of the balance sheet that no journal holds.

Each row is told once, by the id of its sender, and never changed: a correction is a further row.
"""

from django.db import models

from treasury.models.journal import Books
from treasury.value.shares import Change, Right, RightKind


class Told(models.Model):
    """What every told row has. source_id: its sender's id.   evidence: the address or file it was taken from."""

    source_id = models.CharField(max_length=150, unique=True)
    evidence = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class ShareChange(Told):
    """Shares of a class that were issued, or were taken back. price_usd: what each brought, where it is known."""

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening"
        RAISE = "raise", "Raise"
        EXERCISE = "exercise", "Exercise"
        CONVERSION = "conversion", "Conversion"
        BUYBACK = "buyback", "Buyback"

    on = models.DateField()
    share_class = models.CharField(max_length=16)
    kind = models.CharField(max_length=12, choices=Kind)
    shares = models.BigIntegerField()
    price_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    objects = Books()

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.kind} {self.shares} {self.share_class}"

    @property
    def change(self) -> Change:
        return Change(self.on, self.share_class, self.shares)


class DilutiveRight(Told):
    """Options, units, warrants and convertible notes; see treasury.value.shares.Right."""

    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in RightKind])
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    number = models.BigIntegerField(default=0)
    strike_usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    principal_usd = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    conversion_price_usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    objects = Books()

    class Meta:
        ordering = ["from_on", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id}"

    @property
    def right(self) -> Right:
        return Right(
            self.note or self.source_id, RightKind(self.kind), self.from_on, self.until_on, self.number,
            self.strike_usd, self.principal_usd, self.conversion_price_usd,
        )  # fmt: skip


class SharePrice(Told):
    """The price of one share at the close of a day."""

    on = models.DateField(db_index=True)
    price_usd = models.DecimalField(max_digits=14, decimal_places=6)
    objects = Books()

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on}: {self.price_usd} USD"


class BalanceAmount(Told):
    """An amount of the balance sheet on a day, beside what the journal and the loans hold; the newest counts.

    cash: money that is not in the journal.   other: other net assets.   debt: what is owed beside the loans on bitcoin,
    convertible notes among it.   preferred: preferred shares at what they would have to be paid.
    """

    class Item(models.TextChoices):
        CASH = "cash", "Cash"
        OTHER = "other", "Other net assets"
        DEBT = "debt", "Debt"
        PREFERRED = "preferred", "Preferred shares"

    on = models.DateField()
    item = models.CharField(max_length=10, choices=Item)
    amount_usd = models.DecimalField(max_digits=20, decimal_places=2)
    objects = Books()

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.item}: {self.amount_usd} USD"
