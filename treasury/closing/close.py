"""Closes and reopens months. The lock itself is the database's: it refuses entries dated in a closed month."""

import unicodedata
from dataclasses import asdict
from datetime import date
from typing import Final

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.books import entries
from treasury.closing import month_price
from treasury.closing.checklist import LOOKS, checklist
from treasury.earnings.span import Month
from treasury.models import ClosedMonth, Explanation

CODES: Final = frozenset(code for code, *_ in LOOKS)
SHORTEST: Final = 8


class Refused(Exception):
    """It cannot be done; the words say why."""


def closed(month: date) -> ClosedMonth | None:
    return ClosedMonth.objects.filter(month=month, reopened_at=None).first()


def last_closed() -> date | None:
    """Every month up to this one is closed."""
    return ClosedMonth.objects.filter(reopened_at=None).order_by("-month").values_list("month", flat=True).first()


def is_closed(month: date) -> bool:
    last = last_closed()
    return last is not None and month <= last


@transaction.atomic
def explain(month: date, line: str, words: str, user: User) -> Explanation:
    """Raises Refused."""
    need(user, rights.CLOSE_MONTHS)
    if line not in CODES:
        raise Refused(f"the checklist has no line {line}")
    row = Explanation(
        month=month, line=line, words=worded(words), who=user.email, who_id=user.pk, at=clock.database_now()
    )
    row.save(force_insert=True)
    audit.record(user, "explain", f"month/{month:%Y-%m}", {"line": line, "words": row.words})
    return row


@transaction.atomic
def close(month: date, user: User) -> ClosedMonth:
    """Closes the month, and with it every month before. Raises Refused, with the lines that are open."""
    need(user, rights.CLOSE_MONTHS)
    entries.lock()
    if is_closed(month):
        raise Refused(f"{month:%B %Y} is closed already")
    lines = checklist(month, clock.database_now())
    still_open = [line.title for line in lines if not line.is_settled]
    if still_open:
        raise Refused(f"open on the checklist: {'; '.join(still_open)}")
    month_price.keep(Month(month))
    row = ClosedMonth.objects.create(
        month=month, closed_at=clock.database_now(), closed_by=user.email, closed_by_id=user.pk,
        proof=[asdict(line) for line in lines],
    )  # fmt: skip
    audit.record(user, "close month", f"month/{month:%Y-%m}", {"lines": len(lines)})
    return row


@transaction.atomic
def ask_to_reopen(month: date, reason: str, user: User) -> None:
    """The first of the two. Only the month closed last can be reopened. Raises Refused."""
    need(user, rights.CLOSE_MONTHS)
    entries.lock()
    refuse_but_last(month)
    asked = {"reopen_asked_by": user.email, "reopen_asked_by_id": user.pk, "reopen_reason": worded(reason)}
    rows = ClosedMonth.objects.filter(month=month, reopened_at=None)
    if not move(rows, "reopen_asked_at", None, clock.database_now(), **asked):
        raise Refused("somebody has asked already")
    audit.record(user, "ask to reopen", f"month/{month:%Y-%m}", {"reason": reason})


@transaction.atomic
def reopen(month: date, user: User) -> None:
    """The second, another person. Raises Refused."""
    if not (rights.may(user, rights.CLOSE_MONTHS) or rights.may(user, rights.APPROVE_REPORTS)):
        raise Refused("reopening a month takes a treasurer, investor relations or an admin")
    entries.lock()  # nobody closes the next one, or publishes a report of it, meanwhile
    row = closed(month)
    if row is None or row.reopen_asked_at is None:
        raise Refused("nobody has asked to reopen it")
    if row.reopen_asked_by_id == user.pk:
        raise Refused("it takes another person than the one who asked")
    refuse_but_last(month)
    rows = ClosedMonth.objects.filter(pk=row.pk)
    if not move(rows, "reopened_at", None, clock.database_now(), reopened_by=user.email, reopened_by_id=user.pk):
        raise Refused("somebody was first")
    audit.record(user, "reopen month", f"month/{month:%Y-%m}", {"asked_by": row.reopen_asked_by})


def refuse_but_last(month: date) -> None:
    if month != last_closed():
        raise Refused("only the month that was closed last can be reopened")


def need(user: User, right: str) -> None:
    if not rights.may(user, right):
        raise Refused("you have no right to do this")


def printable(words: str) -> str:
    """The words; a document cannot print what is no letter. Raises Refused."""
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") and letter not in "\n\r\t" for letter in words):
        raise Refused("it holds characters that cannot be printed")
    return words


def worded(words: str) -> str:
    """A reason that somebody can follow a year later."""
    told = printable(" ".join(words.split()))
    if not SHORTEST <= len(told) <= 500:
        raise Refused(f"say why, in {SHORTEST} to 500 letters")
    return told
