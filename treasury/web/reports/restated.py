"""The restated figures of a month, as its page and the API tell them, and what people do about them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.http import Http404, HttpRequest

from cango_ops.base.models import User
from sites import rights
from treasury.models import Report, Restatement
from treasury.reports import changed, restating
from treasury.reports.catalogue import BY_CODE
from treasury.reports.figures import told
from treasury.reports.files import published, snapshot_of
from treasury.web.reports.guard import number_of

WORDS: Final = {True: "allowed", False: "refused", None: "waits for another person"}
STATES: Final = {True: "ok", False: "unknown", None: "warning"}


@dataclass(frozen=True)
class RestatedRow:
    """One restatement. can_allow: the person who looks may be its second."""

    pk: int
    code: str
    name: str
    unit: str
    old: str
    new: str
    reason: str
    asked: str
    ruled: str
    at: datetime
    word: str
    state: str
    can_allow: bool
    can_refuse: bool


@dataclass(frozen=True)
class Choice:
    """A figure that can be restated. now: what it was published as, or what the books say, for the form."""

    code: str
    name: str
    unit: str
    now: str


@dataclass(frozen=True)
class RestatedPart:
    """What the month's page says of restatements; choices is empty where nothing was published."""

    rows: tuple[RestatedRow, ...]
    choices: tuple[Choice, ...]

    @property
    def standing(self) -> tuple[RestatedRow, ...]:
        return tuple(row for row in self.rows if row.state == STATES[True])


def part(month: date, user: User) -> RestatedPart:
    may_ask, report = rights.may(user, rights.WRITE_REPORTS), published(month)
    choices = choices_of(report) if may_ask and report is not None else ()
    return RestatedPart(tuple(row_of(row, user) for row in Restatement.objects.filter(month=month)), choices)


def row_of(row: Restatement, user: User) -> RestatedRow:
    ruled = row.is_allowed if row.ruled_at else None
    one = BY_CODE.get(row.code)
    is_open, may = ruled is None, rights.may(user, rights.APPROVE_REPORTS)
    old, new = restating.alike(row.old, row.new)
    return RestatedRow(
        pk=row.pk, code=row.code, name=one.name if one else row.code, unit=one.unit if one else "",
        old=told(old), new=told(new), reason=restating.why(row), asked=row.who, ruled=row.ruled_by, at=row.at,
        word=WORDS[ruled], state=STATES[ruled], can_allow=is_open and may and row.who_id != user.pk,
        can_refuse=is_open and may,
    )  # fmt: skip


def choices_of(report: Report) -> tuple[Choice, ...]:
    return tuple(Choice(line.code, line.name, line.unit, told(line.this.shown)) for line in snapshot_of(report).lines)


# What people do


def ask(request: HttpRequest, month: date, user: User) -> str:
    new = restating.number_of(request.POST.get("new", ""))
    code, words = request.POST.get("code", ""), request.POST.get("words", "")
    row = changed.ask_one(month, code, new, words, user, request.POST.get("evidence", ""))
    return f"{BY_CODE[row.code].name}: another person may now allow {told(restating.plain(row.new))}."


def ask_all(request: HttpRequest, month: date, user: User) -> str:
    count = changed.ask_all(month, request.POST.get("words", ""), user)
    return f"{count} figures wait for another person's word."


def allow(request: HttpRequest, month: date, user: User) -> str:
    restating.allow(posted(request, month), user)
    return "The restatement stands: the next version that is frozen prints it."


def refuse(request: HttpRequest, month: date, user: User) -> str:
    restating.refuse(posted(request, month), user)
    return "The restatement is put away."


def posted(request: HttpRequest, month: date) -> Restatement:
    row = Restatement.objects.filter(month=month, pk=number_of(request.POST.get("restatement", ""))).first()
    if row is None:
        raise Http404
    return row
