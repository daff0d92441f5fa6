"""Asks to restate figures of a published month beside what the books, telemetry and meters say of it now."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from cango_ops.base.models import User
from treasury.closing.close import Refused, worded
from treasury.models import Report, Restatement
from treasury.reports import months
from treasury.reports.figures import cell, derived, told
from treasury.reports.files import published
from treasury.reports.gather import differences, month_now
from treasury.reports.restating import ask, rounded, told_now


@transaction.atomic
def ask_all(month: date, reason: str, user: User) -> int:
    """How many were asked for, all for one reason. Raises Refused."""
    report = published(month)
    if report is None or report.basis != "ledger":
        raise Refused(f"no figures of the books were published for {month:%B %Y}")
    found = differences(month, month_now(month))
    open_ones = [(code, new) for code, _, new in found if told_now(report, code) != new]
    if not open_ones:
        raise Refused("no published figure has changed")
    for code, new in open_ones:
        ask(month, code, new, reason, user)
    return len(open_ones)


@transaction.atomic
def ask_one(month: date, code: str, new: Decimal | None, reason: str, user: User, evidence: str = "") -> Restatement:
    """As `ask`; of a month of the books another figure than theirs takes evidence. Raises Refused."""
    report = published(month)
    proof = " ".join(evidence.split())
    if proof:
        proof = worded(proof)[:300]
    elif report is not None and report.basis == "ledger":
        refuse_unproven(report, code, new)
    return ask(month, code, new, reason, user, proof)


def refuse_unproven(report: Report, code: str, new: Decimal | None) -> None:
    told_now(report, code)  # refuses what is no figure of the report
    now = said_now(report.month, code)
    if rounded(new, code) != now:
        raise Refused(f"the books say {told(now)} now: name the evidence for another figure")


def said_now(month: date, code: str) -> Decimal | None:
    """The figure as it would be printed of what is known today."""
    return cell(derived(month_now(month), months.days_in(f"{month:%Y-%m}")), code).shown
