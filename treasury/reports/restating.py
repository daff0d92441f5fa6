"""Says that a published figure is now another: one person asks with the reason, another allows it.

What was published stays as it is. A restatement stands in every version that is frozen after it, of its own month and
of those that are compared with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.closing.close import Refused, need, worded
from treasury.models import Report, Restatement
from treasury.money import half_up, places_of
from treasury.reports import months
from treasury.reports.catalogue import BY_CODE
from treasury.reports.compose import MONTHS_CHARTED, Material
from treasury.reports.figures import Cell, Facts, missing
from treasury.reports.files import published, snapshot_of, target
from treasury.reports.snapshot import Restated

MOST: Final = Decimal(10) ** 15


@transaction.atomic
def ask(month: date, code: str, new: Decimal | None, reason: str, user: User, evidence: str = "") -> Restatement:
    """The first of the two. The old figure is what was published, or restated since. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    before = published(month)
    if before is None:
        raise Refused(f"nothing was published for {month:%B %Y}")
    old = told_now(before, code)
    new = rounded(new, code)
    if old == new:
        raise Refused("the figure is what was published")
    row = Restatement(
        month=month, code=code, old=old, new=new, reason=worded(reason), evidence=evidence, who=user.email,
        who_id=user.pk, at=clock.database_now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as why:
        raise Refused("somebody has asked to restate it already") from why
    detail: dict[str, object] = {"code": code, "old": old, "new": new, "reason": row.reason, "evidence": evidence}
    audit.record(user, "ask to restate", target(before), detail)
    return row


@transaction.atomic
def allow(row: Restatement, user: User) -> None:
    """The second, another person: from now on it is printed. Raises Refused."""
    rule(row, user, is_allowed=True)


@transaction.atomic
def refuse(row: Restatement, user: User) -> None:
    """Puts it away, by another person or by who asked. Raises Refused."""
    rule(row, user, is_allowed=False)


def rule(row: Restatement, user: User, *, is_allowed: bool) -> None:
    need(user, rights.APPROVE_REPORTS)
    if is_allowed and row.who_id == user.pk:
        raise Refused("it takes another person than the one who asked")
    told = {"ruled_by": user.email, "ruled_by_id": user.pk, "is_allowed": is_allowed}
    if not move(row, "ruled_at", None, clock.database_now(), **told):
        raise Refused("somebody was first")
    verb = "restate" if is_allowed else "refuse to restate"
    audit.record(user, verb, f"month/{row.month:%Y-%m}", {"code": row.code, "asked_by": row.who, "id": row.pk})


def rounded(new: Decimal | None, code: str) -> Decimal | None:
    return None if new is None else half_up(new, BY_CODE[code].places)


def told_now(report: Report, code: str) -> Decimal | None:
    """What the company says of the figure since it was published. Raises Refused."""
    lines = {line.code: line for line in snapshot_of(report).lines}
    if code not in lines:
        raise Refused(f"the report has no figure {code}")
    later = (
        allowed(report.month, report.month).filter(code=code, ruled_at__gt=report.made_at).order_by("-ruled_at").first()
    )
    return lines[code].this.shown if later is None else plain(later.new)


def number_of(text: str) -> Decimal | None:
    """The figure of a form; empty: not reported any more. Raises Refused."""
    told = text.strip().replace(",", "")
    if not told:
        return None
    try:
        value = Decimal(told)
    except InvalidOperation as why:
        raise Refused("the figure is no number such as 602.9") from why
    if not value.is_finite() or abs(value) > MOST:
        raise Refused("the figure is no number such as 602.9")
    return value


def allowed(since: date, until: date) -> QuerySet[Restatement]:
    return Restatement.objects.filter(is_allowed=True, month__gte=since, month__lte=until)


def restatements(since: date, until: date) -> Sequence[Restated]:
    """Those that stand, the oldest first."""
    return [restated(row) for row in allowed(since, until).order_by("month", "code", "ruled_at")]


def by_evidence(since: date, until: date) -> Sequence[Restated]:
    """Those last words on a figure that evidence holds up, and not the books."""
    last = {(row.month, row.code): row for row in allowed(since, until).order_by("ruled_at")}
    return [restated(row) for row in last.values() if row.evidence]


def restated(row: Restatement) -> Restated:
    old, new = alike(row.old, row.new)
    return Restated(f"{row.month:%Y-%m}", row.code, old, new, why(row), f"{row.who}, {row.ruled_by}")


def why(row: Restatement) -> str:
    """The reason, and what proves it."""
    return f"{row.reason} (evidence: {row.evidence})" if row.evidence else row.reason


def alike(old: Decimal | None, new: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Both with the decimals of the one that has more, so that 5,810 stands as 5,810.0 beside 5,810.3."""
    short = [plain(value) for value in (old, new)]
    places = max((places_of(value) for value in short if value is not None), default=0)
    first, second = (None if value is None else half_up(value, places) for value in short)
    return first, second


def plain(value: Decimal | None) -> Decimal | None:
    """Without the noughts that the column pads with."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


def as_restated(material: Material) -> Material:
    """A month that was published elsewhere, with what was restated since."""
    names = months.until(material.month, MONTHS_CHARTED)
    told = restatements(months.first_day(names[0]), months.first_day(names[-1]))
    return replace(material, facts=with_restated(material.facts, told), restatements=told)


def with_restated(facts: Mapping[str, Facts], told: Sequence[Restated]) -> dict[str, Facts]:
    """The facts of all months as they are now."""
    changed = dict(facts)
    for one in told:
        if one.month in changed:
            changed[one.month] = {**changed[one.month], one.code: restated_cell(changed[one.month].get(one.code), one)}
    return changed


def restated_cell(before: Cell | None, one: Restated) -> Cell:
    lineage = (*(before.lineage if before else ()), f"restatement:{one.month}/{one.code}")
    if one.new is None:
        return missing(f"withdrawn: {one.reason}", lineage)
    return Cell(one.new, places_of(one.new), lineage=lineage)
