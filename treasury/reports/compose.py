"""Puts a month's facts, and those of the months it is compared with, into a snapshot. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from treasury.reports import months
from treasury.reports.catalogue import CATALOGUE, Definition
from treasury.reports.figures import Cell, Facts, cell, change, derived, missing, told, why_no_change
from treasury.reports.rollforward import printed
from treasury.reports.snapshot import (
    FORMAT,
    Line,
    Part,
    Point,
    Restated,
    RollForward,
    Series,
    Snapshot,
    Statement,
    Step,
    value_of,
)

CHARTED = ("btc_produced", "btc_held", "deployed_end_ehs", "operating_avg_ehs", "cash_cost_per_btc_usd")
MONTHS_CHARTED = 13


@dataclass(frozen=True)
class Material:
    """What a report is made of. facts: by month, at least the month itself.   before_start: why a month without facts
    has none.   zone: the reporting zone, whose midnights bound the month."""

    month: str
    facts: Mapping[str, Facts]
    basis: str
    source: str
    company: str = "Cango Inc."
    ticker: str = "NYSE: CANG"
    zone: str = "UTC"
    before_start: str = "no figures of that month are kept"
    parts: Sequence[Part] = ()
    statements: Sequence[Statement] = ()
    restatements: Sequence[Restated] = field(default_factory=tuple)


def compose(material: Material) -> Snapshot:
    month = material.month
    whole = {name: derived(facts, months.days_in(name)) for name, facts in material.facts.items()}
    trio = [whole.get(name) for name in (month, months.back(month), months.back(month, 12))]
    this, last, year_ago = trio
    restated_ones = {(one.month, one.code) for one in material.restatements}
    opening = {"btc_held": found(last, "btc_held", material.before_start)}
    roll = printed(opening, this or {})
    return Snapshot(
        format=FORMAT,
        company=material.company,
        ticker=material.ticker,
        month=month,
        days=months.days_in(month),
        zone=material.zone,
        basis=material.basis,
        source=material.source,
        lines=tuple(line(one, material, (this, last, year_ago)) for one in CATALOGUE),
        roll_forward=RollForward(
            tuple(Step(step.code, step.sign, value_of(step.cell)) for step in roll.steps),
            roll.rounding,
            value_of(roll.closing),
            roll.ties.value,
            roll.words,
        ),
        parts=tuple(material.parts),
        series=tuple(series(code, month, whole, restated_ones) for code in CHARTED),
        statements=tuple(material.statements),
        restatements=tuple(material.restatements),
    )


def line(one: Definition, material: Material, trio: tuple[Facts | None, Facts | None, Facts | None]) -> Line:
    this, last, year_ago = (found(facts, one.code, material.before_start) for facts in trio)
    return Line(
        code=one.code,
        group=one.group,
        name=one.name,
        unit=one.unit,
        definition=one.words,
        is_main=one.is_main,
        this=value_of(this),
        last=value_of(last),
        year_ago=value_of(year_ago),
        mom=change(one.code, this, last),
        yoy=change(one.code, this, year_ago),
        mom_reason=why_no_change(one.code, this, last),
        yoy_reason=why_no_change(one.code, this, year_ago),
        restated=restated(one.code, material),
    )


def found(facts: Facts | None, code: str, before_start: str) -> Cell:
    return missing(before_start) if facts is None else cell(facts, code)


def restated(code: str, material: Material) -> str:
    """Why the figure, or a comparative one, differs from what was published."""
    compared = (material.month, months.back(material.month), months.back(material.month, 12))
    return "; ".join(
        f"{one.month} restated from {told(one.old)} to {told(one.new)}: {one.reason}"
        for one in material.restatements
        if one.code == code and one.month in compared
    )


def series(code: str, month: str, whole: Mapping[str, Facts], restated_ones: Set[tuple[str, str]]) -> Series:
    """restated_ones: (month, figure) of everything that was restated."""
    names = months.until(month, MONTHS_CHARTED)
    return Series(
        code, tuple(Point(name, cell(whole.get(name, {}), code).shown, (name, code) in restated_ones) for name in names)
    )
