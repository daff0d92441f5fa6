"""From draft to published: comments, two approvals of one hash, an embargo, and then nothing changes any more."""

from datetime import datetime

from django.db import transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.base.transitions import move
from sites import rights
from treasury.books import entries
from treasury.closing.close import Refused, is_closed, need, worded
from treasury.models import ReleaseDelivery, Report, ReportApproval, ReportComment, Subscriber
from treasury.proposals.embargo import hold
from treasury.reports.catalogue import BY_CODE
from treasury.reports.files import snapshot_of, target

APPROVALS_NEEDED = 2
State = Report.State


@transaction.atomic
def comment(report: Report, code: str, text: str, user: User) -> ReportComment:
    """Says something of a figure, or (code empty) of the whole. Raises Refused."""
    need(user, rights.SEE_TREASURY)
    report = Report.objects.select_for_update().get(pk=report.pk)  # else it is approved over an open comment
    if report.state not in (State.DRAFT, State.APPROVED):
        raise Refused(f"the report is {report.state}")
    if code and code not in BY_CODE:
        raise Refused(f"the report has no figure {code}")
    return ReportComment.objects.create(
        report=report, code=code, text=worded(text), who=user.email, who_id=user.pk, at=clock.database_now()
    )


@transaction.atomic
def settle(remark: ReportComment, user: User) -> None:
    """The comment was answered. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    if not move(remark, "settled_at", None, clock.database_now(), settled_by=user.email):
        raise Refused("it is settled already")


@transaction.atomic
def approve(report: Report, sha256: str, user: User) -> int:
    """One person's yes to this hash; how many there are now. The second makes it approved. Raises Refused."""
    need(user, rights.APPROVE_REPORTS)
    report = Report.objects.select_for_update().get(pk=report.pk)
    refuse_approval(report, sha256, user)
    ReportApproval.objects.create(report=report, who=user.email, who_id=user.pk, sha256=sha256, at=clock.database_now())
    count = report.approvals.count()
    if count >= APPROVALS_NEEDED:
        move(report, "state", State.DRAFT, State.APPROVED)
    audit.record(user, "approve report", target(report), {"sha256": sha256, "approvals": count})
    return count


def refuse_approval(report: Report, sha256: str, user: User) -> None:
    if report.state != State.DRAFT:
        raise Refused(f"the report is {report.state}")
    if report.sha256 != sha256:
        raise Refused("these are not the figures you looked at")
    if report.made_by_id == user.pk:
        raise Refused("nobody approves a draft of their own")
    if report.approvals.filter(who_id=user.pk).exists():
        raise Refused("you have approved it already")
    if report.basis == "ledger" and not any(one.kind == "safe_harbour" for one in snapshot_of(report).statements):
        raise Refused("it has no safe harbour text: write one, have it approved, and freeze again")
    open_ones = report.comments.filter(settled_at=None).values_list("code", flat=True)
    if open_ones:
        of = dict.fromkeys(BY_CODE[code].name if code in BY_CODE else "the whole report" for code in open_ones)
        raise Refused(f"comments are open, of: {', '.join(of)}; investor relations settles them first")


@transaction.atomic
def embargo(report: Report, release_at: datetime, user: User) -> None:
    """When it may be published at the earliest. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    hold(exclusive=True)
    kept = Report.objects.filter(pk=report.pk, state__in=[State.DRAFT, State.APPROVED]).update(release_at=release_at)
    if not kept:
        raise Refused("the report is published already")
    audit.record(user, "embargo report", target(report), {"release_at": release_at})


def publish(report: Report, user: User) -> None:
    """Makes an approved report public by hand, not before its release time. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    release(report, user)


@transaction.atomic
def release(report: Report, actor: User | str) -> None:
    """Makes an approved report of a closed month public, and queues the messages about it. Raises Refused.

    Figures of the ledger need a closed month; those that were published elsewhere long ago do not.
    """
    entries.lock()  # the month stays closed, and the release time what it is, until the report is out
    report.refresh_from_db(from_queryset=Report.objects.select_for_update())
    now = clock.database_now()
    if report.basis == "ledger" and not is_closed(report.month):
        raise Refused(f"{report.month:%B %Y} is not closed")
    if report.release_at is None:
        raise Refused("it has no release time")
    if report.release_at > now:
        raise Refused(f"it is under embargo until {clock.worded(report.release_at)}")
    if not move(report, "state", State.APPROVED, State.PUBLISHED, published_at=now):
        raise Refused("it is not approved by two people")
    told = queue(report, now)
    audit.record(actor, "publish report", target(report), {"sha256": report.sha256, "told": told})


def queue(report: Report, now: datetime) -> int:
    """One message to everybody who wants to be told; how many."""
    rows = [
        ReleaseDelivery(report=report, subscriber=one, queued_at=now, next_at=now)
        for one in Subscriber.objects.filter(ended_at=None)
    ]
    return len(ReleaseDelivery.objects.bulk_create(rows))


@transaction.atomic
def withdraw(report: Report, user: User) -> None:
    """Puts a draft away for good; what is published stays. Raises Refused."""
    need(user, rights.WRITE_REPORTS)
    kept = Report.objects.filter(pk=report.pk, state__in=[State.DRAFT, State.APPROVED])
    if not kept.update(state=State.WITHDRAWN):
        raise Refused(f"the report is {report.state}")
    audit.record(user, "withdraw report", target(report), {})
