"""Who is told of releases and what became of each message; who took which document of a month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock, crumbs
from cango_ops.base.answers import person
from cango_ops.base.models import User
from sites import rights
from treasury.closing.close import Refused
from treasury.models import ReleaseDelivery, ReportRead, Subscriber
from treasury.reports import months, subscribing
from treasury.reports.words import LANGUAGES
from treasury.web.reports.guard import number_of, of_the_books, shown, there
from treasury.web.reports.trail import HOME, named, named_month, of_month

MOST: Final = 500
STATES: Final = {"queued": "maintenance", "sending": "maintenance", "sent": "ok", "failed": "critical",
                 "unknown": "unknown"}  # fmt: skip


@dataclass(frozen=True)
class DeliveryRow:
    """What became of one message. last: the newest line of its log."""

    report: str
    link: str
    to: str
    state: str
    word: str
    attempts: int
    at: datetime
    last: str
    message_id: str


@dataclass(frozen=True)
class ToldPage:
    """languages: of the texts."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    subscribers: tuple[Subscriber, ...]
    deliveries: tuple[DeliveryRow, ...]
    languages: tuple[str, ...]
    may_write: bool
    as_of: datetime


@dataclass(frozen=True)
class AccessPage:
    """reads: the newest first, at most MOST of them; count: how many there are."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    month: str
    reads: tuple[ReportRead, ...]
    count: int
    as_of: datetime


def told_page(user: User) -> ToldPage:
    rows = tuple(Subscriber.objects.filter(ended_at=None))
    return ToldPage(
        title=told_title(len(rows)),
        crumbs=(crumbs.COMPANY, HOME, crumbs.Crumb("Who is told", "/treasury/reports/subscribers/")),
        subscribers=rows,
        deliveries=deliveries(),
        languages=LANGUAGES,
        may_write=rights.may(user, rights.WRITE_REPORTS),
        as_of=clock.now(),
    )


def told_title(count: int) -> str:
    return "Nobody is told of a release yet" if not count else f"{count} told at each release"


def deliveries() -> tuple[DeliveryRow, ...]:
    rows = ReleaseDelivery.objects.select_related("report", "subscriber").defer("report__snapshot")
    return tuple(delivery_row(row) for row in rows.order_by("-queued_at", "subscriber_id")[:MOST])


def delivery_row(row: ReleaseDelivery) -> DeliveryRow:
    month = f"{row.report.month:%Y-%m}"
    return DeliveryRow(
        report=f"{named(row.report.month)}, version {row.report.version}",
        link=f"/treasury/reports/{month}/{row.report.version}/",
        to=str(row.subscriber), state=STATES[row.state], word=row.get_state_display().lower(), attempts=row.attempts,
        at=row.ended_at or row.next_at, last=row.log[-1][1] if row.log else "", message_id=str(row.message_id),
    )  # fmt: skip


def access_page(month: str) -> AccessPage:
    """Raises Garbled."""
    rows = ReportRead.objects.filter(report__month=months.first_day(month)).select_related("report")
    rows = rows.defer("report__snapshot")
    count = rows.count()
    return AccessPage(
        title=access_title(count, named_month(month)),
        crumbs=of_month(month, crumbs.Crumb("Access", f"/treasury/reports/{month}/access/")),
        month=month,
        reads=tuple(rows[:MOST]),
        count=count,
        as_of=clock.now(),
    )  # fmt: skip


def access_title(count: int, month: str) -> str:
    if not count:
        return f"Nobody took a document of {month} yet"
    return (
        f"{month}: its documents were taken once" if count == 1 else f"{month}: its documents were taken {count} times"
    )


@require_safe
@of_the_books
def subscribers(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/report_subscribers.html", told_page(person(request)))


@require_safe
@of_the_books
def access(request: HttpRequest, month: str) -> HttpResponse:
    return shown(request, "treasury/report_access.html", access_page(month))


@require_POST
@of_the_books
def subscribe(request: HttpRequest, deed: str) -> HttpResponse:
    """add-mail, add-webhook or end; a refusal is said on the page."""
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request, person(request)))
    except Refused as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("report-subscribers")


def add_mail(request: HttpRequest, user: User) -> str:
    row = subscribing.add_mail(request.POST.get("email", "").strip(), request.POST.get("language", "en"), user)
    return f"{row} is told of every release."


def add_webhook(request: HttpRequest, user: User) -> str:
    url = request.POST.get("url", "").strip()
    row, secret = subscribing.add_webhook(url, request.POST.get("language", "en"), user)
    return f"{row} is told of every release. Its secret, shown this once: {secret}"


def end(request: HttpRequest, user: User) -> str:
    row = there(Subscriber.objects.filter(pk=number_of(request.POST.get("subscriber", ""))).first())
    subscribing.end(row, user)
    return f"{row} is not told any more."


DEEDS: Final = {"add-mail": add_mail, "add-webhook": add_webhook, "end": end}
