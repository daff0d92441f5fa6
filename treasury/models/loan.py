"""Loans on bitcoin: their terms, and what has happened to each."""

from django.db import models

from treasury.lending.course import Kind
from treasury.lending.terms import DayCount, Interest, Terms, Trigger
from treasury.models.journal import Books


class Loan(models.Model):
    """One loan. Its rate may be reset by an event; the other terms are those of its contract.

    keeps_coins_on_books: pledged coins stay "restricted" in the statements; else they are a receivable from the lender.
    """

    code = models.SlugField(max_length=32, unique=True)
    lender = models.CharField(max_length=100)
    currency = models.CharField(max_length=8, default="USD")
    rate = models.DecimalField(max_digits=8, decimal_places=6)
    day_count = models.CharField(max_length=8, choices=[(one.value, one.value) for one in DayCount])
    interest = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Interest])
    initial_ltv = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    margin_ltv = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    liquidation_ltv = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    trigger = models.CharField(max_length=3, choices=[(one.value, one.value) for one in Trigger], default="gt")
    call_price_ratio = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    keeps_coins_on_books = models.BooleanField(default=False)
    ends_on = models.DateField(null=True)
    objects = Books()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} ({self.lender})"

    @property
    def terms(self) -> Terms:
        return Terms(
            rate=self.rate,
            day_count=DayCount(self.day_count),
            interest=Interest(self.interest),
            initial_ltv=self.initial_ltv,
            margin_ltv=self.margin_ltv,
            liquidation_ltv=self.liquidation_ltv,
            trigger=Trigger(self.trigger),
            call_price_ratio=self.call_price_ratio,
        )


class LoanEvent(models.Model):
    """What happened to a loan on a day; never changed. source_id: the id of its sender, also of its entry."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="events")
    source_id = models.CharField(max_length=150, unique=True)
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    on = models.DateField()
    seq = models.IntegerField(default=0)
    sat = models.BigIntegerField(default=0)
    usd = models.DecimalField(max_digits=20, decimal_places=2, default=0)
    price_usd = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    rate = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    actor = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)
    objects = Books()

    class Meta:
        ordering = ["on", "seq", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.kind}"
