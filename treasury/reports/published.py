"""What companies published month by month, as demonstration data: facts with the address of the page they stood on.

published_months.csv was made of the public releases and filings named in its rows; nothing in it was computed. A value
that was not given, or given only rounded by the press, is empty, and the note says what was said.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from cango_ops.wire import Garbled
from treasury.money import places_of
from treasury.reports import months
from treasury.reports.catalogue import BY_CODE
from treasury.reports.compose import Material
from treasury.reports.figures import Cell, Facts, known, missing
from treasury.reports.statements import DEMONSTRATION

CANGO = "Cango"
FILE = Path(__file__).with_name("published_months.csv")
# Standing texts that speak of Cango.
OF_CANGO: Final = ("about", "contact")
BEGAN = "Bitcoin mining began in November 2024"


class Published(NamedTuple):
    """One row of the file."""

    company: str
    month: str
    code: str
    value: str
    note: str
    source: str


@cache
def rows() -> tuple[Published, ...]:
    with FILE.open(newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return tuple(Published(*row) for row in reader)


def facts_of(company: str) -> dict[str, Facts]:
    """By month; a month in which the company said nothing is not there."""
    found: dict[str, dict[str, Cell]] = {}
    for row in rows():
        if row.company == company:
            found.setdefault(row.month, {})[row.code] = cell_of(row)
    return dict(found)


def cell_of(row: Published) -> Cell:
    if row.code not in BY_CODE:
        raise KeyError(f"{row.code} of {FILE.name} is not in the catalogue")
    lineage = [f"published:{row.company}/{row.month}/{row.code}", row.source]
    if not row.value:
        return missing(f"not published ({row.note})" if row.note else "not published", lineage)
    value = Decimal(row.value)
    return known(row.code, value, lineage, places=places_of(value), note=row.note)


def companies() -> list[str]:
    return sorted({row.company for row in rows()})


def material(month: str, company: str = CANGO) -> Material:
    """The month as the company published it, for the demonstration. Raises Garbled where it published nothing of it."""
    months.first_day(month)
    facts = facts_of(company)
    if not facts:
        raise Garbled(f"nothing of {company} is kept: there are {', '.join(companies())}")
    return of_facts(month, company, facts)


def of_facts(month: str, company: str, facts: Mapping[str, Facts]) -> Material:
    """A report of facts that were gathered elsewhere. Raises Garbled where there are none of the month."""
    if month not in facts:
        raise Garbled(f"nothing was published for {month}: published are {min(facts)} to {max(facts)}")
    made = Material(
        month=month,
        facts=facts,
        basis="published",
        source="Figures as published by the company in its monthly releases; reconstruction for demonstration.",
        statements=DEMONSTRATION,
    )
    if company == CANGO:
        return replace(made, before_start=BEGAN if month < "2025-11" else made.before_start)
    neutral = tuple(one for one in DEMONSTRATION if one.kind not in OF_CANGO)
    return replace(made, company=company, ticker="", statements=neutral)


class Peer(NamedTuple):
    """A figure of a company in a month, for the comparison."""

    company: str
    month: str
    cell: Cell


def peers(code: str) -> Iterator[Peer]:
    """Every published month of every company that gave this figure."""
    for row in rows():
        if row.code == code and row.value:
            yield Peer(row.company, row.month, cell_of(row))
