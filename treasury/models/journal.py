"""The double-entry journal: entries that are only ever added, each with its postings.

The database itself keeps the law: an entry balances in every currency when its transaction commits, nothing is changed
or removed, no posting joins an entry of an earlier transaction, and the turnover of each day follows every posting.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Now

from cango_ops.base.models import User
from sites import rights
from treasury.models.insider import is_admitted

if TYPE_CHECKING:
    from django.db.models import QuerySet


def may_see(user: User) -> bool:
    """The books are one company's: they are seen by roles that see the treasury at every site, or not at all; and since
    their figures are not released yet, by insiders alone where a list of these is kept."""
    return rights.may(user, rights.SEE_TREASURY) and is_admitted(user)


class Books(models.Manager):
    """Rows of the books, for those who may see them."""

    def visible_to(self, user: User) -> "QuerySet":
        rows = self.get_queryset()
        return rows if may_see(user) else rows.none()


class Account(models.Model):
    """One account. code: its path, such as Assets:Bitcoin:Wallet:cold-1."""

    code = models.CharField(max_length=200, unique=True)
    objects = Books()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class JournalEntry(models.Model):
    """One thing that happened. source_id: its sender's id; told twice, it is posted once.

    seq: order among entries of one instant.   digest: of what was told, so that one id cannot say two things.
    evidence: the fact as told, and whatever proves it.   added_in: the database's number of the transaction.
    """

    source_id = models.CharField(max_length=200, unique=True, db_collation="C")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    seq = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField(db_default=Now())
    added_in = models.BigIntegerField(db_default=Func(function="txid_current"), editable=False)
    actor = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64)
    evidence = models.JSONField(default=dict)
    reverses = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by")
    objects = Books()

    class Meta:
        ordering = ["at", "seq", "source_id"]
        indexes = [models.Index(fields=["at", "seq", "source_id"], name="entry_in_order")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.source_id}"


class Posting(models.Model):
    """One side of an entry. Exactly one of amount_sat (bitcoin) and amount (any other currency) is set.

    at: the entry's instant, put in by the database.
    """

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings", db_index=False)
    at = models.DateTimeField(null=True)
    currency = models.CharField(max_length=8)
    amount_sat = models.BigIntegerField(null=True)
    amount = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    objects = Books()

    class Meta:
        ordering = ["entry", "id"]
        indexes = [models.Index(fields=["account", "at"], name="posting_of_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency="BTC", amount_sat__isnull=False, amount=None)
                | (~Q(currency="BTC") & Q(amount_sat=None, amount__isnull=False)),
                name="posting_in_one_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_sat if self.currency == 'BTC' else self.amount} {self.currency}"


class DayTurnover(models.Model):
    """What the postings of one UTC day add up to, by account and currency. Kept by a trigger, never written otherwise.

    A balance at an instant is the months before its month, the days before its day and the postings of its day: so it
    costs the same at any instant, and a late posting changes two rows and not every balance after it.
    """

    pk = models.CompositePrimaryKey("account_id", "currency", "day")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=8)
    day = models.DateField()
    amount_sat = models.BigIntegerField(default=0)
    amount = models.DecimalField(max_digits=24, decimal_places=2, default=0)

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}: {self.amount_sat} sat, {self.amount} {self.currency}"


class MonthTurnover(models.Model):
    """The same of one UTC month. month: its first day."""

    pk = models.CompositePrimaryKey("account_id", "currency", "month")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=8)
    month = models.DateField()
    amount_sat = models.BigIntegerField(default=0)
    amount = models.DecimalField(max_digits=24, decimal_places=2, default=0)

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m}: {self.amount_sat} sat, {self.amount} {self.currency}"
