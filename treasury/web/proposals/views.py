"""The pages of proposals, the address book and the policy, and what people do on them."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from cango_ops.base import clock
from cango_ops.base.answers import person
from cango_ops.base.export import csv_lines
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from sites import rights
from treasury.closing.close import Refused
from treasury.models import Beneficiary, Proposal
from treasury.proposals import approve, beneficiaries, embargo
from treasury.proposals.book import Done, book
from treasury.proposals.policy import standing
from treasury.proposals.propose import Preview, Wanted, preview, propose, role_of
from treasury.proposals.terms import NEEDED, decimal, instant, read, usd
from treasury.web.guard import asks_again, of_the_books, shown
from treasury.web.proposals import words
from treasury.web.proposals.addresses import addresses_page
from treasury.web.proposals.form import form, raw, sat_of
from treasury.web.proposals.listing import proposals_page
from treasury.web.proposals.new import new_page
from treasury.web.proposals.policy import policy_page
from treasury.web.proposals.proposal import proposal_page
from treasury.web.reports.guard import there

LARGEST_FILE: Final = 32 << 20


@require_safe
@of_the_books
def index(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/proposals.html", proposals_page(person(request)))


@require_safe
@of_the_books
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, "treasury/proposal.html", proposal_page(visible(request, pk), person(request)))


def visible(request: HttpRequest, pk: int) -> Proposal:
    rows = Proposal.objects.visible_to(person(request)).select_related("maker", "booked_by")
    return there(rows.prefetch_related("approvals__approver").filter(pk=pk).first())


@require_safe
@of_the_books
def export(request: HttpRequest) -> HttpResponse:
    """Every proposal as CSV; no cell of it starts a formula."""
    answer = HttpResponse("".join(lines(person(request))), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="proposals.csv"'
    return answer


def lines(user: User) -> Iterator[str]:
    rows = (
        Proposal.objects.visible_to(user).select_related("maker", "booked_by").prefetch_related("approvals__approver")
    )
    yield from csv_lines(HEADER, (cells(row) for row in rows))


HEADER: Final = (
    "id", "kind", "state", "proposal", "reason", "maker", "proposed_at", "not_after", "approvals_needed",
    "approved_by", "approved_at", "value_usd", "price_usd", "booked_at", "booked_by", "evidence", "file_sha256",
    "entries", "ended_at", "end_reason", "digest",
)  # fmt: skip


def cells(row: Proposal) -> list[Any]:
    proof = row.evidence or {}
    return [
        row.pk, row.kind, row.state, words.title(row), row.reason, row.maker.email, row.proposed_at, row.not_after,
        row.approvals_needed, [one.approver.email for one in row.approvals.all()], row.approved_at, row.value_usd,
        row.price_usd, row.booked_at, row.booked_by.email if row.booked_by else None, proof.get("note"),
        proof.get("file_sha256") or None, row.sources, row.ended_at, row.end_reason or None, row.digest,
    ]  # fmt: skip


# Proposing


@require_safe
@of_the_books
def new(request: HttpRequest) -> HttpResponse:
    """The form of a kind; with its fields in the address also what it would change."""
    kind = kind_of(request.GET.get("kind", Proposal.Kind.SALE), person(request))
    typed = request.GET.dict()
    now, policy = clock.now(), standing()
    fields, seen, refused = form(kind, typed, now, policy), None, ""
    if all(name in typed for name in NEEDED[kind]):
        try:
            seen = previewed(kind, typed, person(request))
            embargo.exception_for(seen.terms, person(request))
        except Refused as why:
            refused = str(why)
    return shown(request, "treasury/proposal_new.html", new_page(kind, fields, seen, str(uuid.uuid4()), "", refused))


def kind_of(word: str, user: User) -> str:
    if not rights.may(user, rights.MOVE_TREASURY):
        raise PermissionDenied
    if word not in Proposal.Kind.values:
        raise Http404
    return word


def previewed(kind: str, typed: dict[str, str], user: User) -> Preview:
    try:
        terms = read(kind, raw(kind, typed))
    except Garbled as why:
        raise Refused(str(why)) from why
    return preview(terms, role_of(user), clock.now(), standing())


@require_POST
@of_the_books
def ask(request: HttpRequest) -> HttpResponse:
    user, typed = person(request), request.POST.dict()
    kind, reason = kind_of(typed.get("kind", ""), user), typed.get("reason", "")
    key = key_of(typed.get("key", ""))
    try:
        made = propose(Wanted(key, kind, raw(kind, typed), reason), user)
    except Refused as why:
        return again(request, kind, typed, key, str(why))
    messages.success(request, "Proposed. Others approve it now.")
    return redirect("proposal", made.pk)


def again(request: HttpRequest, kind: str, typed: dict[str, str], key: uuid.UUID, why: str) -> HttpResponse:
    """The form as it was filled in, with what was wrong; nothing of it is lost."""
    fields = form(kind, typed, clock.now(), standing())
    try:
        seen = previewed(kind, typed, person(request))
    except Refused:
        seen = None
    page = new_page(kind, fields, seen, str(key), typed.get("reason", ""), why)
    return shown(request, "treasury/proposal_new.html", page, 409)


def key_of(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise BadRequest("key is a UUID that the form made.") from None


# Judging and booking


@require_POST
@of_the_books
@asks_again("approve", "book")
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Does one deed of DEEDS and returns to the proposal; a refusal is said there."""
    if deed not in DEEDS:
        raise Http404
    try:
        messages.success(request, DEEDS[deed](request, visible(request, pk), person(request)))
    except (Refused, Garbled) as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("proposal", pk)


def do_approve(request: HttpRequest, row: Proposal, user: User) -> str:
    said = request.POST
    now = approve.approve(row, said.get("digest", ""), user, said.get("words", ""))
    left = now.approvals_needed - now.approvals.count()
    if now.state == Proposal.State.BOOKED:
        return "Approved and booked."
    return "Approved: it may be carried out now." if left <= 0 else f"Approved; {left} more is needed."


def do_reject(request: HttpRequest, row: Proposal, user: User) -> str:
    approve.reject(row, user, request.POST.get("words", ""))
    return "Rejected."


def do_withdraw(request: HttpRequest, row: Proposal, user: User) -> str:
    approve.withdraw(row, user, request.POST.get("words", ""))
    return "Withdrawn."


def do_book(request: HttpRequest, row: Proposal, user: User) -> str:
    book(row, done_of(request, row), user)
    return "Booked, with its evidence."


def done_of(request: HttpRequest, row: Proposal) -> Done:
    """What the form says was done. Raises Refused and Garbled."""
    said = request.POST
    file = request.FILES.get("file")
    sat, price, fee = said.get("sat", "").strip(), said.get("price_usd", "").strip(), said.get("fee_usd", "").strip()
    network_fee = said.get("network_fee_sat", "").strip()
    return Done(
        at=at_of(said.get("at", ""), row),
        note=" ".join(said.get("note", "").split()),
        sat=sat_of("sat", sat) if sat else None,
        price_usd=usd(price) if price else None,
        fee_usd=usd(fee) if fee else Decimal("0.00"),
        network_fee_sat=int(decimal(network_fee)) if network_fee else 0,
        file_sha256=hashed(file) if file else "",
        file_name=(file.name or "")[:200] if file else "",
    )


def at_of(text: str, row: Proposal) -> Any:
    """The instant; a form knows minutes, so the minute of the approval counts as after it."""
    at = instant(text)
    approved = row.approved_at
    if approved is not None and at < approved and at == approved.replace(second=0, microsecond=0):
        return approved
    return at


def hashed(file: UploadedFile) -> str:
    """SHA-256 of the file; it is not kept. Raises Refused where it is too large."""
    if (file.size or 0) > LARGEST_FILE:
        raise Refused(f"the file is larger than {LARGEST_FILE >> 20} MB")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


DEEDS: Final[dict[str, Callable[[HttpRequest, Proposal, User], str]]] = {
    "approve": do_approve,
    "reject": do_reject,
    "withdraw": do_withdraw,
    "book": do_book,
}


# The address book and the policy


@require_safe
@of_the_books
def addresses(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/addresses.html", addresses_page(person(request)))


@require_POST
@of_the_books
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    row = there(Beneficiary.objects.visible_to(person(request)).filter(pk=pk).first())
    try:
        beneficiaries.retire(row, person(request), request.POST.get("words", ""))
        messages.success(request, f"{row.name} is retired: nothing goes there any more.")
    except Refused as why:
        messages.error(request, f"Not done: {why}.")
    return redirect("treasury-addresses")


@require_safe
@of_the_books
def policy(request: HttpRequest) -> HttpResponse:
    return shown(request, "treasury/policy.html", policy_page(person(request)))
