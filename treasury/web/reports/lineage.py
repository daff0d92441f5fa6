"""Where each step of a figure's lineage leads: to rows of the console, to another figure, or to a published page."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from cango_ops.base import clock
from treasury.models import JournalEntry
from treasury.money import btc, half_up
from treasury.reports.catalogue import BY_CODE
from treasury.reports.from_books import KINDS
from treasury.reports.snapshot import Line as FigureLine


@dataclass(frozen=True)
class Source:
    """A step of the lineage. told: what the entry of the books says."""

    name: str
    link: str
    told: str = ""


def lineage_of(line: FigureLine, month: str, version: int) -> tuple[Source, ...]:
    """The sources of the figure; entries of the books with what they say, figures that it was reckoned of."""
    ids = [one.removeprefix("entry:") for one in line.this.lineage if one.startswith("entry:")]
    rows = JournalEntry.objects.filter(source_id__in=ids).prefetch_related("postings__account")
    told = {f"entry:{row.source_id}": told_of(row) for row in rows}
    found = [Source(one, link_of(one, month, line.code), told.get(one, "")) for one in line.this.lineage]
    of = [code for one in line.this.lineage if one.startswith("=") for code in re.findall(r"[a-z_]+", one)]
    home = f"/treasury/reports/{month}/{version}/figures/"
    return (*found, *(Source(BY_CODE[code].name, f"{home}{code}/") for code in dict.fromkeys(of) if code in BY_CODE))


def told_of(entry: JournalEntry) -> str:
    """When, what, how much came to or left which wallet or loan, and who wrote it down."""
    moved = (
        f"{half_up(btc(posting.amount_sat), 8):+,f} BTC {posting.account.code.removeprefix('Assets:Bitcoin:')}"
        for posting in entry.postings.all()
        if posting.amount_sat and posting.account.code.startswith("Assets:Bitcoin:")
    )
    return f"{clock.worded(entry.at)}, {entry.kind}: {'; '.join(moved)}; by {entry.actor}"


def link_of(lineage: str, month: str, figure: str = "") -> str:
    """Where a step of the lineage leads inside the console or out of it; empty where it is only a name.

    figure: whose lineage it is; what remains of many entries opens to all of them.
    """
    kind, _, rest = lineage.partition(":")
    if kind == "https":
        return lineage.split(" ")[0]
    code = rest.partition("/")[0]
    entries = f"/treasury/reports/{month}/entries/{figure}/" if figure in KINDS else "/treasury/"
    if kind == "entry":
        return f"/treasury/reports/entry/?{urlencode({'source': rest})}"
    if lineage.startswith("and ") or kind == "ledger":
        return entries
    if kind == "balance":
        return f"/treasury/loans/{rest.rpartition(':')[2]}/" if ":Loan:" in rest else "/treasury/wallets/"
    places = {
        **dict.fromkeys(("rollups", "days"), f"/treasury/reports/{month}/sites/{code}/"),
        **dict.fromkeys(("hindsight", "decision"), f"/sites/{code}/switching/"),
        **dict.fromkeys(("gpus", "gpu-contract"), f"/treasury/ai/?month={month}"),
        "price": f"/treasury/reports/{month}/price/",
        "loan": f"/treasury/loans/{code}/",
        "windows": f"/sites/{code}/outages/",
        "orders": f"/commands/?site={code}",
        "cost": f"/treasury/value/?month={month}",
        "restatement": f"/treasury/reports/{code}/#restatements",
    }
    return places.get(kind, "")
