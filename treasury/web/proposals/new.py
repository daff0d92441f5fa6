"""The form of a new proposal, and what it would change once it was looked at."""

from dataclasses import dataclass
from datetime import datetime

from cango_ops.base import clock, crumbs
from treasury.books.queries import Taken
from treasury.proposals.lots import would_take
from treasury.proposals.propose import Preview
from treasury.web.proposals import words
from treasury.web.proposals.form import Field
from treasury.web.proposals.listing import HOME, TREASURY, K
from treasury.web.proposals.words import Row


@dataclass(frozen=True)
class NewPage:
    """The form of a kind. seen: once it was previewed.   refused: why it was not taken."""

    title: str
    crumbs: tuple[crumbs.Crumb, ...]
    kind: str
    kinds: tuple[tuple[str, str], ...]
    fields: list[Field]
    seen: Preview | None
    sentence: str
    effect: list[Row]
    lots: list[Taken]
    key: str
    reason: str
    refused: str
    span_at: datetime


def new_page(
    kind: str, fields: list[Field], seen: Preview | None, key: str, reason: str = "", refused: str = ""
) -> NewPage:
    return NewPage(
        title=f"Propose: {K(kind).label.lower()}",
        crumbs=(crumbs.COMPANY, TREASURY, HOME, crumbs.Crumb("New", "/treasury/proposals/new/")),
        kind=kind,
        kinds=tuple((value, str(name)) for value, name in K.choices),
        fields=fields,
        seen=seen,
        sentence=words.sentence(seen.terms) if seen else "",
        effect=words.rows_of(seen.lines) if seen else [],
        lots=would_take(seen.terms, clock.now()) if seen else [],
        key=key,
        reason=reason,
        refused=refused,
        span_at=clock.now(),
    )
