"""Freezes reports and keeps them: drafts with their documents, who read them, what was restated.

A draft is rendered once, when it is frozen: what people approve are the very bytes that will be published.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from sites import rights
from treasury.closing.close import Refused, need
from treasury.models import Report, ReportFile, ReportRead
from treasury.models import Restatement as RestatementRow
from treasury.reports import snapshot as frozen
from treasury.reports.compose import Material, compose
from treasury.reports.documents.every import every
from treasury.reports.figures import Facts
from treasury.reports.months import first_day
from treasury.reports.snapshot import Restated, Snapshot


@transaction.atomic
def freeze(material: Material, user: User) -> Report:
    """A new draft of the month, with its documents in English. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    snapshot = compose(material)
    data, month = frozen.canonical(snapshot), first_day(material.month)
    version = (Report.objects.filter(month=month).aggregate(last=Max("version"))["last"] or 0) + 1
    report = Report.objects.create(
        month=month, version=version, basis=material.basis, snapshot=data, sha256=hashlib.sha256(data).hexdigest(),
        made_at=clock.database_now(), made_by=user.email, made_by_id=user.pk,
    )  # fmt: skip
    keep(report, every(snapshot))
    audit.record(user, "freeze report", str(target(report)), {"sha256": report.sha256})
    return report


def keep(report: Report, files: dict[str, bytes]) -> None:
    ReportFile.objects.bulk_create(
        ReportFile(report=report, name=name, data=data, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        for name, data in files.items()
    )


def target(report: Report) -> str:
    return f"report/{report.month:%Y-%m}/{report.version}"


def snapshot_of(report: Report) -> Snapshot:
    return frozen.read(bytes(report.snapshot))


@transaction.atomic
def take(report: Report, name: str, user: User) -> ReportFile | None:
    """The document, its taking written into the access log; None where the report has no such document."""
    file = report.files.filter(name=name).first()
    if file is not None:
        ReportRead.objects.create(
            report=report, name=name, who=user.email, who_id=user.pk, was=report.state, at=clock.database_now()
        )
    return file


def published(month: date) -> Report | None:
    """The newest published version of a month."""
    return Report.objects.filter(month=month, state=Report.State.PUBLISHED).order_by("-version").first()


@transaction.atomic
def restate(month: date, code: str, new: Decimal | None, reason: str, user: User) -> RestatementRow:
    """Says that a published figure is now another. The old one is read from what was published. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    before = published(month)
    if before is None:
        raise Refused(f"nothing was published for {month:%Y-%m}")
    lines = {line.code: line for line in snapshot_of(before).lines}
    if code not in lines:
        raise Refused(f"the report has no figure {code}")
    old = lines[code].this.shown
    if old == new:
        raise Refused("the figure is what was published")
    row = RestatementRow.objects.create(
        month=month, code=code, old=old, new=new, reason=reason, who=user.email, who_id=user.pk, at=clock.database_now()
    )
    audit.record(user, "restate", target(before), {"code": code, "old": old, "new": new, "reason": reason})
    return row


def restatements(since: date, until: date) -> Sequence[Restated]:
    rows = RestatementRow.objects.filter(month__gte=since, month__lte=until).order_by("month", "code", "at")
    return [
        Restated(f"{row.month:%Y-%m}", row.code, plain(row.old), plain(row.new), row.reason, row.who) for row in rows
    ]


def plain(value: Decimal | None) -> Decimal | None:
    """Without the noughts that the column pads with."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


def with_restated(facts: dict[str, Facts], found: Sequence[Restated]) -> dict[str, Facts]:
    """The facts of comparative months as they are now."""
    changed = dict(facts)
    for one in found:
        if one.month in changed and one.code in changed[one.month]:
            cell = replace(changed[one.month][one.code], value=one.new, note=f"restated: {one.reason}")
            changed[one.month] = {**changed[one.month], one.code: cell}
    return changed
