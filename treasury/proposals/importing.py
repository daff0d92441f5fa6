"""Imports files of facts. One through which coins move or leave takes the word of another person, like any other act
that moves coins: a proposal that names the file's SHA-256, booked together with the facts."""

from django.db import transaction

from cango_ops.base import clock
from treasury.books import entries
from treasury.books.imports import Reading, load, parse
from treasury.books.post import Receipt
from treasury.closing.close import Refused
from treasury.ledger.facts import Acquired, Fact, Sold
from treasury.models import Proposal
from treasury.proposals import embargo
from treasury.proposals.book import GRACE, write
from treasury.proposals.terms import of_proposal

K = Proposal.Kind
S = Proposal.State


def brought_in(
    body: bytes, actor: str, name: str, number: int | None, dry_run: bool = False, late_as_adjustment: bool = False
) -> tuple[Reading, Receipt]:
    """What the file says and what came of it. number: of the proposal. Raises Garbled or Refused, and posts nothing."""
    reading = parse(body)
    needs_word = any(not isinstance(fact, Acquired) for fact in reading.facts)
    if dry_run or reading.wrong or not needs_word:
        return load(body, actor, dry_run, late_as_adjustment)
    if number is None:
        raise Refused(f"coins move in it: have an import proposed and approved with the SHA-256 {reading.sha256}")
    with transaction.atomic():
        entries.lock()
        row = approved(number, reading)
        reading, receipt = load(body, row.maker, late_as_adjustment=late_as_adjustment)
        if row.state == S.APPROVED:
            now = clock.database_now().isoformat()
            proof = {"at": now, "note": "ledger_import", "file_sha256": reading.sha256, "file_name": name[:200]}
            write(row, receipt.posted, proof, row.maker)
    return reading, receipt


def approved(number: int, reading: Reading) -> Proposal:
    """The proposal of this very file; one that was booked allows it again, because nothing is posted twice."""
    row = Proposal.objects.select_for_update().filter(pk=number, kind=K.IMPORT).first()
    if row is None:
        raise Refused(f"proposal {number} is no import")
    if row.state not in (S.APPROVED, S.BOOKED):
        raise Refused(f"proposal {number} {'waits' if row.state == S.PROPOSED else 'is ' + row.state}")
    terms = of_proposal(row)
    if (terms.text("file_sha256"), terms.values["facts"]) != (reading.sha256, len(reading.facts)):
        raise Refused(f"proposal {number} is of another file")
    now = clock.database_now()
    if row.state == S.APPROVED and now > row.not_after + GRACE:
        raise Refused(f"the time of proposal {number} has passed")
    refuse_sales(reading.facts, row)
    return row


def refuse_sales(facts: list[Fact], row: Proposal) -> None:
    """No embargo is walked around by a file."""
    for window in embargo.binding(row.maker, embargo.judged_at()):
        if any(isinstance(fact, Sold) and fact.at >= window.starts_at for fact in facts):
            raise Refused(f"{window.sentence}: the file sells coins since it began")
