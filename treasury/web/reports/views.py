"""The pages of the monthly reports, and what people do on them. Only those who see the books see them at all."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.base.models import User
from treasury.closing import close, prices
from treasury.closing.close import Refused
from treasury.models import Report, ReportComment, StandingText
from treasury.reports import files, making, months, publish, texts
from treasury.reports.catalogue import BY_CODE
from treasury.reports.documents.every import MEDIA
from treasury.web.guard import asks_again
from treasury.web.reports import restated
from treasury.web.reports.figure import figure_page
from treasury.web.reports.guard import number_of, of_the_books, report_of, shown, there
from treasury.web.reports.listed import months_page
from treasury.web.reports.page import job_part, month_page
from treasury.web.reports.trail import named


@require_safe
@of_the_books
def index(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/reports.html", months_page(clock.now()))


@require_safe
@of_the_books
def month(request: HttpRequest, month: str, version: int | None = None) -> HttpResponse:
    return shown(request, "treasury/report.html", there(month_page(month, version, person(request))))


@require_safe
@of_the_books
def job(request: HttpRequest, month: str) -> HttpResponse:
    """How far the report is that somebody asked for last; when it is over the page comes anew with it."""
    part = there(job_part(months.first_day(month)))
    answer = render(request, "treasury/_report_job.html", {"job": part, "month": month})
    if not part.is_open:
        answer["HX-Refresh"] = "true"
    return answer


@require_safe
@of_the_books
def figure(request: HttpRequest, month: str, version: int, code: str) -> HttpResponse:
    return shown(request, "treasury/report_figure.html", there(figure_page(month, version, code, person(request))))


@require_safe
@of_the_books
def download(request: HttpRequest, month: str, version: int, name: str) -> HttpResponse:
    """The document as it was frozen; the taking is logged. It is never opened inside the console."""
    file = there(files.take(report_of(month, version), name, person(request)))
    answer = HttpResponse(bytes(file.data), content_type=MEDIA.get(name.rpartition(".")[2], "application/octet-stream"))
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-SHA256"] = file.sha256
    return answer


@require_POST
@of_the_books
@asks_again("approve", "publish")
def act(request: HttpRequest, month: str, deed: str) -> HttpResponse:
    """Does one deed of DEEDS and returns to the month; a refusal is said there."""
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request, months.first_day(month), person(request)))
    except Refused as why:
        messages.error(request, f"Not done: {why}.")
        version, code = number_of(request.POST.get("version", ""), 6), request.POST.get("code", "")
        if deed == "comment" and version and code in BY_CODE:
            return redirect("report-figure", month, version, code)
    return redirect("report-month", month=month)


def explain(request: HttpRequest, month: date, user: User) -> str:
    close.explain(month, request.POST.get("line", ""), request.POST.get("words", ""), user)
    return "The explanation is kept."


def write_price(request: HttpRequest, month: date, user: User) -> str:
    at = moment(request.POST.get("at", ""), "the price's time")
    mark = prices.write(request.POST.get("source", ""), at, request.POST.get("price_usd", ""), user)
    return f"The price of {mark.source} at {at:%-d %b %Y %H:%M:%S} UTC is kept: ${mark.price_usd:,}."


def close_month(request: HttpRequest, month: date, user: User) -> str:
    close.close(month, user)
    return f"{named(month)} is closed."


def ask_to_reopen(request: HttpRequest, month: date, user: User) -> str:
    close.ask_to_reopen(month, request.POST.get("words", ""), user)
    return "Another person may now reopen the month."


def reopen(request: HttpRequest, month: date, user: User) -> str:
    close.reopen(month, user)
    return f"{named(month)} is open again."


def freeze(request: HttpRequest, month: date, user: User) -> str:
    """Asks for it; a worker finds it within seconds."""
    try:
        request_id = uuid.UUID(request.POST.get("request_id", ""))
    except ValueError:
        request_id = uuid.uuid4()
    making.ask(month, request.POST.get("basis", ""), request_id, user)
    return "The report is being made."


def posted_report(request: HttpRequest, month: date) -> Report:
    return report_of(f"{month:%Y-%m}", number_of(request.POST.get("version", ""), 6))


def comment(request: HttpRequest, month: date, user: User) -> str:
    words = request.POST.get("words", "")
    publish.comment(posted_report(request, month), request.POST.get("code", ""), words, user)
    return "The comment is kept; the report is not approved before it is settled."


def settle(request: HttpRequest, month: date, user: User) -> str:
    rows = ReportComment.objects.filter(report=posted_report(request, month))
    publish.settle(there(rows.filter(pk=number_of(request.POST.get("comment", ""))).first()), user)
    return "The comment is settled."


def approve(request: HttpRequest, month: date, user: User) -> str:
    count = publish.approve(posted_report(request, month), request.POST.get("sha256", ""), user)
    return f"Approved: {count} of {publish.APPROVALS_NEEDED}."


def embargo(request: HttpRequest, month: date, user: User) -> str:
    release_at = moment(request.POST.get("release_at", ""), "the release time")
    publish.embargo(posted_report(request, month), release_at, user)
    return f"Under embargo until {clock.worded(release_at)}."


def moment(text: str, name: str) -> datetime:
    """An instant of a form, in UTC. Raises Refused."""
    try:
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as why:
        raise Refused(f"{name} is no instant such as 2025-11-04T13:00") from why


def release(request: HttpRequest, month: date, user: User) -> str:
    publish.publish(posted_report(request, month), user)
    return f"{named(month)} is published."


def withdraw(request: HttpRequest, month: date, user: User) -> str:
    publish.withdraw(posted_report(request, month), user)
    return "The draft is withdrawn."


def write_text(request: HttpRequest, month: date, user: User) -> str:
    kind, speaker = request.POST.get("kind", ""), request.POST.get("speaker", "").strip()
    row = texts.write(
        kind, request.POST.get("text", ""), user, language=request.POST.get("language", texts.ENGLISH),
        month=month if kind == "quote" else None, speaker=speaker[:200],
    )  # fmt: skip
    return f"{row} is written; another person approves it."


def approve_text(request: HttpRequest, month: date, user: User) -> str:
    row = StandingText.objects.filter(pk=number_of(request.POST.get("text", ""))).first()
    texts.approve(there(row), user)
    return "The text is approved: it stands in the next version that is frozen."


DEEDS: Final[dict[str, Callable[[HttpRequest, date, User], str]]] = {
    "explain": explain,
    "write-price": write_price,
    "close": close_month,
    "ask-to-reopen": ask_to_reopen,
    "reopen": reopen,
    "freeze": freeze,
    "comment": comment,
    "settle": settle,
    "approve": approve,
    "embargo": embargo,
    "publish": release,
    "withdraw": withdraw,
    "write-text": write_text,
    "approve-text": approve_text,
    "restate": restated.ask,
    "restate-changed": restated.ask_all,
    "allow-restatement": restated.allow,
    "refuse-restatement": restated.refuse,
}
