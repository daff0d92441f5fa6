"""Writes down the contract of a loan, and corrects what closed months leave open; each time with what proves it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.forms.models import model_to_dict

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent, User
from sites import rights
from treasury.books import closed, entries
from treasury.lending.contract import faults
from treasury.models import Loan

# What the figures of closed months follow from; the database keeps it too (docs/decisions/0035).
TERMS: Final = (
    "currency", "rate", "day_count", "interest", "initial_ltv", "margin_ltv", "liquidation_ltv", "trigger",
    "call_price_ratio", "keeps_coins_on_books",
)  # fmt: skip
FIELDS: Final = ("code", "lender", *TERMS, "ends_on")
VERB: Final = "loan.set"
MOST_TOLD: Final = 30
SHORTEST: Final = 8


class Wrong(ValueError):
    """What is wrong, a sentence by field; "" where it is the whole. is_conflict: it was right, and something stands
    against it."""

    def __init__(self, faults: Mapping[str, str], *, is_conflict: bool = False) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)
        self.is_conflict = is_conflict


@dataclass(frozen=True)
class Written:
    """is_new: False where it stood there already, word for word."""

    loan: Loan
    is_new: bool


def may_write(user: User) -> bool:
    return rights.may(user, rights.MOVE_TREASURY)


def write(said: Mapping[str, Any], evidence: str, actor: User) -> Written:
    """The new loan, or the same one that was written before. Raises Wrong."""
    said, evidence = tidy(said), line(evidence)
    refuse(said, evidence)
    with transaction.atomic():
        entries.lock()
        known = Loan.objects.filter(code__iexact=said["code"]).first()
        if known is None:
            loan = Loan.objects.create(**{name: said[name] for name in FIELDS})
            keep(loan, None, evidence, actor)
            return Written(loan, is_new=True)
    if told(known) != told(Loan(**{name: said[name] for name in FIELDS})):
        raise Wrong({"code": f"There is a loan {known.code} already, with other terms."}, is_conflict=True)
    return Written(known, is_new=False)


def correct(loan: Loan, seen: str, said: Mapping[str, Any], evidence: str, actor: User) -> Written:
    """The loan with its terms corrected. seen: `told` of it as a person looked at it, in one word. Raises Wrong."""
    said, evidence = tidy({**said, "code": loan.code}), line(evidence)
    refuse(said, evidence)
    with transaction.atomic():
        entries.lock()
        row = Loan.objects.select_for_update().get(pk=loan.pk)
        before = told(row)
        for name in FIELDS:
            setattr(row, name, said[name])
        changed = [name for name, value in told(row).items() if value != before[name]]
        if not changed:
            return Written(row, is_new=False)
        if seen != word(before):
            raise Wrong({"": "Somebody corrected it meanwhile: look at it again."}, is_conflict=True)
        refuse_change(loan, changed)
        row.save(update_fields=changed)
        keep(row, before, evidence, actor)
        return Written(row, is_new=True)


def tidy(said: Mapping[str, Any]) -> dict[str, Any]:
    return {**said, "lender": line(said["lender"])}


def line(words: str) -> str:
    return " ".join(words.split())


def refuse(said: Mapping[str, Any], evidence: str) -> None:
    found = faults(said)
    if not SHORTEST <= len(evidence) <= 500 or not evidence.isprintable():
        found["evidence"] = f"Say what proves it, in {SHORTEST} to 500 letters."
    if found:
        raise Wrong(found)


def refuse_change(loan: Loan, changed: list[str]) -> None:
    """Raises Wrong where what happened to the loan was counted by the terms that would change."""
    first = loan.events.order_by("on").values_list("on", flat=True).first()
    if first is None:
        return
    since = closed.open_since()
    for name in changed:
        if name in TERMS and since is not None and first < since.date():
            told = f"The months before {since:%Y-%m-%d} are closed with it: a new rate is told as such, other terms are"
            raise Wrong({name: f"{told} a new loan."}, is_conflict=True)
        if name == "currency":
            raise Wrong({name: "Entries of the books are in it: another currency is a new loan."}, is_conflict=True)


def keep(loan: Loan, before: dict[str, Any] | None, evidence: str, actor: User) -> None:
    detail: dict[str, object] = {"before": before, "after": told(loan), "evidence": evidence}
    audit.record(actor, VERB, f"loan/{loan.code}", detail)


def told(loan: Loan) -> dict[str, Any]:
    """As it stands in the audit event; the same amount reads the same."""
    return {name: plain(value) for name, value in model_to_dict(loan, FIELDS).items()}


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def word(told_: Mapping[str, Any]) -> str:
    """By which a form knows again what its reader saw."""
    return hashlib.sha256(json.dumps(told_, sort_keys=True).encode()).hexdigest()


def history(loan: Loan) -> list[AuditEvent]:
    """The newest first."""
    return list(AuditEvent.objects.filter(target=f"loan/{loan.code}", verb=VERB).order_by("-sequence")[:MOST_TOLD])
