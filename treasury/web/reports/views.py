"""The pages of the monthly reports, and what people do on them. Only those who see the books see them at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.base.models import User
from cango_ops.base.page_span import page_span
from cango_ops.wire import Garbled
from treasury.closing import close
from treasury.closing.close import Refused
from treasury.models import Report, ReportComment, StandingText
from treasury.models.journal import may_see
from treasury.reports import files, months, publish, published, texts
from treasury.reports.documents.every import MEDIA
from treasury.reports.gather import gathered
from treasury.reports.restating import as_restated
from treasury.web.reports import restated
from treasury.web.reports.page import figure_page, month_page, months_page

View = Callable[..., HttpResponse]


def of_the_books(view: View) -> View:
    """Refuses who may not see the treasury; a word that is no month is not there."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or not may_see(request.user):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except Garbled as why:
            raise Http404 from why

    return guarded


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


def shown(request: HttpRequest, template: str, page: object) -> HttpResponse:
    return render(request, template, {"page": page, "span": page_span(request), "only_zone": True})


def there(found: Any) -> Any:
    if found is None:
        raise Http404
    return found


def report_of(month: str, version: int) -> Report:
    return there(Report.objects.filter(month=months.first_day(month), version=version).first())


@require_POST
@of_the_books
def act(request: HttpRequest, month: str, deed: str) -> HttpResponse:
    """Does one deed of DEEDS and returns to the month; a refusal is said there."""
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request, months.first_day(month), person(request)))
    except Refused as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("report-month", month=month)


def explain(request: HttpRequest, month: date, user: User) -> str:
    close.explain(month, request.POST.get("line", ""), request.POST.get("words", ""), user)
    return "The explanation is kept."


def close_month(request: HttpRequest, month: date, user: User) -> str:
    close.close(month, user)
    return f"{month:%Y-%m} is closed."


def ask_to_reopen(request: HttpRequest, month: date, user: User) -> str:
    close.ask_to_reopen(month, request.POST.get("words", ""), user)
    return "Another person may now reopen the month."


def reopen(request: HttpRequest, month: date, user: User) -> str:
    close.reopen(month, user)
    return f"{month:%Y-%m} is open again."


def freeze(request: HttpRequest, month: date, user: User) -> str:
    name = f"{month:%Y-%m}"
    material = as_restated(published.material(name)) if request.POST.get("basis") == "published" else gathered(name)
    report = files.freeze(material, user)
    return f"Version {report.version} is frozen with its documents."


def posted_report(request: HttpRequest, month: date) -> Report:
    version = request.POST.get("version", "")
    return report_of(f"{month:%Y-%m}", int(version) if version.isdecimal() and len(version) < 6 else 0)


def comment(request: HttpRequest, month: date, user: User) -> str:
    words = request.POST.get("words", "")
    publish.comment(posted_report(request, month), request.POST.get("code", ""), words, user)
    return "The comment is kept; the report is not approved before it is settled."


def settle(request: HttpRequest, month: date, user: User) -> str:
    number = request.POST.get("comment", "")
    rows = ReportComment.objects.filter(report=posted_report(request, month))
    remark = rows.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    publish.settle(there(remark), user)
    return "The comment is settled."


def approve(request: HttpRequest, month: date, user: User) -> str:
    count = publish.approve(posted_report(request, month), request.POST.get("sha256", ""), user)
    return f"Approved: {count} of {publish.APPROVALS_NEEDED}."


def embargo(request: HttpRequest, month: date, user: User) -> str:
    release_at = moment(request.POST.get("release_at", ""))
    publish.embargo(posted_report(request, month), release_at, user)
    return f"Under embargo until {release_at:%Y-%m-%d %H:%M} UTC."


def moment(text: str) -> datetime:
    """An instant of a form, in UTC. Raises Refused."""
    try:
        parsed = datetime.fromisoformat(text)
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as why:
        raise Refused("the release time is no instant such as 2025-11-04T13:00") from why


def release(request: HttpRequest, month: date, user: User) -> str:
    publish.publish(posted_report(request, month), user)
    return f"{month:%Y-%m} is published."


def withdraw(request: HttpRequest, month: date, user: User) -> str:
    publish.withdraw(posted_report(request, month), user)
    return "The draft is withdrawn."


def write_text(request: HttpRequest, month: date, user: User) -> str:
    kind, speaker = request.POST.get("kind", ""), request.POST.get("speaker", "").strip()
    row = texts.write(
        kind, request.POST.get("text", ""), user, month=month if kind == "quote" else None, speaker=speaker[:200]
    )
    return f"{row} is written; another person approves it."


def approve_text(request: HttpRequest, month: date, user: User) -> str:
    number = request.POST.get("text", "")
    row = StandingText.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    texts.approve(there(row), user)
    return "The text is approved: it stands in the next version that is frozen."


DEEDS: Final[dict[str, Callable[[HttpRequest, date, User], str]]] = {
    "explain": explain,
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
