"""Freezes reports and keeps them: drafts with their documents, and who read them.

A draft is rendered once, when it is frozen: what people approve are the very bytes that will be published.
"""

import hashlib
from datetime import date

from django.db import transaction
from django.db.models import Max

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from sites import rights
from treasury.books import entries
from treasury.closing.close import need
from treasury.models import Report, ReportFile, ReportRead
from treasury.reports import snapshot as frozen
from treasury.reports.compose import Material, compose
from treasury.reports.documents.every import in_every_language
from treasury.reports.months import first_day
from treasury.reports.progress import Progress, untold
from treasury.reports.snapshot import Snapshot


def freeze(material: Material, user: User, progress: Progress = untold) -> Report:
    """A new draft of the month, with its documents in every language. Raises Refused, CannotSet."""
    need(user, rights.WRITE_REPORTS)
    snapshot = compose(material)
    return kept(snapshot, in_every_language(snapshot, progress), user)


@transaction.atomic
def kept(snapshot: Snapshot, files: dict[str, bytes], user: User) -> Report:
    """The next version of its month; two people who freeze at once get one each."""
    data, month = frozen.canonical(snapshot), first_day(snapshot.month)
    entries.lock()
    version = (Report.objects.filter(month=month).aggregate(last=Max("version"))["last"] or 0) + 1
    report = Report.objects.create(
        month=month, version=version, basis=snapshot.basis, snapshot=data, sha256=hashlib.sha256(data).hexdigest(),
        made_at=clock.database_now(), made_by=user.email, made_by_id=user.pk,
    )  # fmt: skip
    keep(report, files)
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
