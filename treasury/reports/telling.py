"""Sends the messages about published reports: claimed before a byte leaves, tried again with growing pauses.

A message keeps its id over all attempts. A webhook whose sender died in the middle is sent again, its receiver knows
the id; a mail is not, because nobody can tell whether it left: it is put down as unknown.
"""

import smtplib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet

from cango_ops.alerts.message import headers
from cango_ops.alerts.post import post
from cango_ops.alerts.reach import NotAllowed, resolved
from cango_ops.base import jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.sealed import CannotOpen
from cango_ops.wire import NoAnswer
from treasury.models import ReleaseDelivery, Report, ReportFile, Subscriber
from treasury.reports.announcement import Release, body, subject, text
from treasury.reports.documents.every import MEDIA
from treasury.reports.files import snapshot_of
from treasury.reports.subscribing import opened

LEASE: Final = "reports/tell"
LEASE_S: Final = 120.0
PAUSES_S: Final = (30, 120, 300, 900, 1800, 3600, 7200, 21600)
MOST_AT_ONCE: Final = 50
State = ReleaseDelivery.State
EMAIL: Final = Subscriber.Channel.EMAIL


class NotSent(Exception):
    """for_good: trying again would change nothing."""

    def __init__(self, words: str, *, for_good: bool = False) -> None:
        super().__init__(words)
        self.for_good = for_good


def tell() -> None:
    """One round of sending; a second one at the same time does nothing."""
    with jobs.run("treasury.tell_of_releases") as job, leases.held(LEASE, LEASE_S) as lease:
        if lease is None:
            job.skip("another process tells")
            return
        recover(database_now())
        rows = ReleaseDelivery.objects.filter(state=State.QUEUED, next_at__lte=database_now())
        for row in rows.select_related("report", "subscriber").order_by("next_at", "pk")[:MOST_AT_ONCE]:
            job.count(**{tell_one(row): 1})
            lease = leases.renew(lease)


def recover(now: datetime) -> None:
    """What a sender that died had claimed."""
    left = ReleaseDelivery.objects.filter(state=State.SENDING, claimed_at__lt=now - timedelta(seconds=LEASE_S))
    for row in left.filter(subscriber__channel=EMAIL):
        end(row, State.UNKNOWN, "the sender stopped in the middle; it is not sent again")
    left.exclude(subscriber__channel=EMAIL).update(state=State.QUEUED, next_at=now)


def tell_one(row: ReleaseDelivery) -> str:
    """The word for what became of it."""
    rows = ReleaseDelivery.objects.filter(pk=row.pk, state=State.QUEUED)
    if not rows.update(state=State.SENDING, claimed_at=database_now(), attempts=F("attempts") + 1):
        return "taken"
    row.refresh_from_db()
    try:
        send(row)
    except NotSent as why:
        return put_back(row, why)
    end(row, State.SENT, "taken by the receiver")
    return "sent"


def send(row: ReleaseDelivery) -> None:
    """Raises NotSent."""
    if row.subscriber.ended_at is not None:
        raise NotSent("the subscriber was ended before it was sent", for_good=True)
    if row.subscriber.channel == EMAIL:
        mail(row)
    else:
        call(row)


def release_of(report: Report) -> Release:
    if report.published_at is None:
        raise NotSent("it is not published", for_good=True)
    files = tuple(report.files.values_list("name", "size", "sha256"))
    url = f"{settings.PUBLIC_URL}/treasury/reports/{report.month:%Y-%m}/{report.version}/"
    return Release(snapshot_of(report), report.version, report.sha256, report.published_at, files, url)


def mail(row: ReleaseDelivery) -> None:
    release, who = release_of(row.report), row.subscriber
    message = EmailMessage(
        subject(release, who.language), text(release, who.language), settings.MAIL_FROM, [who.email],
        headers={"Message-ID": f"<{row.message_id}@{settings.MAIL_FROM.rpartition('@')[2]}>"},
    )  # fmt: skip
    for file in pdf_of(row.report, who.language):
        message.attach(file.name, bytes(file.data), MEDIA["pdf"])
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as why:
        raise NotSent(f"{type(why).__name__}: {why}") from why


def pdf_of(report: Report, language: str) -> list[ReportFile]:
    """The release in the language, as it was approved; in English where none was frozen in it."""
    files = {file.name: file for file in report.files.filter(name__endswith=".pdf")}
    english = f"cango-{report.month:%Y-%m}.pdf"
    found = files.get(english.replace(".pdf", f"-{language}.pdf")) or files.get(english)
    return [found] if found else []


def call(row: ReleaseDelivery) -> None:
    said, now = body(release_of(row.report), str(row.message_id)), database_now()
    try:
        goal = resolved(row.subscriber.url, settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS)
        post(goal, said, headers(opened(row.subscriber), str(row.message_id), now, said))
    except NoAnswer as why:
        raise NotSent(str(why), for_good=why.detail == "HTTP 410") from why
    except (NotAllowed, CannotOpen) as why:
        raise NotSent(str(why), for_good=True) from why
    except OSError as why:
        raise NotSent(f"the name does not resolve: {why.strerror or why}") from why


def put_back(row: ReleaseDelivery, why: NotSent) -> str:
    """For later, or ended where it was tried often enough."""
    if why.for_good or row.attempts > len(PAUSES_S):
        end(row, State.FAILED, str(why))
        return "failed"
    now = database_now()
    later = now + timedelta(seconds=PAUSES_S[row.attempts - 1])
    mine(row).update(state=State.QUEUED, next_at=later, log=logged(row, now, str(why)))
    return "put_back"


def end(row: ReleaseDelivery, state: str, words: str) -> None:
    now = database_now()
    mine(row).update(state=state, ended_at=now, log=logged(row, now, words))


def mine(row: ReleaseDelivery) -> QuerySet[ReleaseDelivery]:
    return ReleaseDelivery.objects.filter(pk=row.pk, state=State.SENDING)


def logged(row: ReleaseDelivery, at: datetime, words: str) -> list[list[str]]:
    return [*row.log, [at.isoformat(timespec="seconds"), words[:200]]]
