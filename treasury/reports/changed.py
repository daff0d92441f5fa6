"""Asks to restate every figure of a published month of which the books, telemetry and meters say another now."""

from datetime import date

from django.db import transaction

from cango_ops.base.models import User
from treasury.closing.close import Refused
from treasury.earnings.span import Month
from treasury.reports.files import published
from treasury.reports.gather import differences, month_facts
from treasury.reports.restating import ask, told_now


@transaction.atomic
def ask_all(month: date, reason: str, user: User) -> int:
    """How many were asked for, all for one reason. Raises Refused."""
    report = published(month)
    if report is None or report.basis != "ledger":
        raise Refused(f"no figures of the books were published for {month:%B %Y}")
    found = differences(month, month_facts(Month(month)))
    open_ones = [(code, new) for code, _, new in found if told_now(report, code) != new]
    if not open_ones:
        raise Refused("no published figure has changed")
    for code, new in open_ones:
        ask(month, code, new, reason, user)
    return len(open_ones)
