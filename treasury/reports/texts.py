"""Sentences of policy, quotes and other standing texts: each version written by one person, approved by another."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.db import transaction
from django.db.models import Max, QuerySet

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.books import entries
from treasury.closing.close import Refused, need, printable
from treasury.models import StandingText
from treasury.reports.words import LANGUAGES

KINDS: Final = ("quote", "policy", "about", "safe_harbour", "unaudited", "contact")
LONGEST: Final = 5000
ENGLISH: Final = LANGUAGES[0]
Key = tuple[str, str]


@transaction.atomic
def write(kind: str, text: str, user: User, *, language: str = "en", month: date | None = None, speaker: str = ""
          ) -> StandingText:  # fmt: skip
    """The next version of a text; it stands in no report before another person approved it. Raises Refused.

    month: for this month's report alone.   speaker: whose words a quote is.   In another language than English it
    translates the newest English version, and stands until that has a newer one.
    """
    need(user, rights.WRITE_REPORTS)
    if kind not in KINDS or language not in LANGUAGES:
        raise Refused(f"there is no text {kind} in {language}")
    printable(text + speaker)
    if not 0 < len(text.strip()) <= LONGEST:
        raise Refused(f"a text has 1 to {LONGEST} letters")
    if (kind == "quote") != bool(speaker):
        raise Refused("a quote names its speaker, and nothing else does")
    entries.lock()  # two who write at once get a version each
    if language != ENGLISH and not StandingText.objects.filter(kind=kind, language=ENGLISH, month=month).exists():
        raise Refused("write it in English first: what it translates is not there")
    rows = StandingText.objects.filter(kind=kind, language=language)
    row = StandingText.objects.create(
        kind=kind, language=language, version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1, month=month,
        text=text.strip(), speaker=speaker, written_by=user.email, written_by_id=user.pk,
        written_at=clock.database_now(),
    )  # fmt: skip
    audit.record(user, "write text", f"text/{kind}/{language}/{row.version}", {})
    return row


@transaction.atomic
def approve(row: StandingText, user: User) -> None:
    """Raises Refused where it was approved already, or by who wrote it."""
    need(user, rights.APPROVE_REPORTS)
    if row.written_by_id == user.pk:
        raise Refused("nobody approves words of their own")
    if not move(row, "approved_at", None, clock.database_now(), approved_by=user.email, approved_by_id=user.pk):
        raise Refused("it is approved already")
    audit.record(user, "approve text", f"text/{row.kind}/{row.language}/{row.version}", {})


def in_force(first: date) -> dict[Key, StandingText]:
    """By kind and language: the newest approved version of each text of this month or of every month. A translation of
    a version that English has replaced is left out: the document says the text in English then."""
    found = newest(first, StandingText.objects.filter(approved_at__isnull=False))
    return {key: row for key, row in found.items() if not is_outdated(row, found)}


def newest(first: date, rows: QuerySet[StandingText]) -> dict[Key, StandingText]:
    """By kind and language, of this month or of every month."""
    return {(row.kind, row.language): row for row in rows.order_by("version") if row.month in (None, first)}


def is_outdated(row: StandingText, found: Mapping[Key, StandingText]) -> bool:
    """Whether English has a newer version than the one that the row translates."""
    english = found.get((row.kind, ENGLISH))
    return row.language != ENGLISH and (english is None or english.written_at > row.written_at)


def not_translated(first: date) -> dict[str, list[str]]:
    """By language: the texts that its documents say in English."""
    found = in_force(first)
    kinds = sorted(kind for kind, language in found if language == ENGLISH)
    told = {one: [kind for kind in kinds if (kind, one) not in found] for one in LANGUAGES[1:]}
    return {language: missing for language, missing in told.items() if missing}
