"""The material of a month's report out of the books, the telemetry and the meters as they are now.

Comparative months are gathered anew. Where that gives another figure than was published, the report is not frozen until
somebody has restated it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from treasury.closing.close import Refused
from treasury.earnings.span import Month
from treasury.models import JournalEntry, Report
from treasury.money import half_up, places_of
from treasury.reports import from_books, from_days, from_fleet, from_switching, months, texts
from treasury.reports.catalogue import BY_CODE
from treasury.reports.compose import MONTHS_CHARTED, Material
from treasury.reports.figures import Cell, Facts, cell, derived, known, told
from treasury.reports.files import snapshot_of
from treasury.reports.progress import Progress, gathering, untold
from treasury.reports.restating import by_evidence, restatements, with_restated
from treasury.reports.snapshot import Restated, Statement

SOURCE = "The company's ledger, telemetry and meters."


def gathered(month: str, progress: Progress = untold) -> Material:
    """Raises Refused where nothing is booked, or a published figure changed and was not restated."""
    first = months.first_day(month)
    if not JournalEntry.objects.filter(at__lt=Month(first).end_at).exists():
        raise Refused(f"nothing is booked up to the end of {month}")
    names = months.until(month, MONTHS_CHARTED)
    facts = {}
    for place, name in enumerate(names):
        gathering(progress, place, name)
        facts[name] = month_now(months.first_day(name))
    facts = {name: found for name, found in facts.items() if found}
    restated = restatements(months.first_day(names[0]), first)
    refuse_unsaid(facts, restated, month)
    return Material(
        month=month,
        facts=facts,
        basis="ledger",
        source=SOURCE,
        parts=from_fleet.parts(from_fleet.site_months(Month(first))),
        statements=standing_texts(first),
        restatements=restated,
    )


def month_now(first: date) -> Facts:
    """Every figure of a month as it is said today, also where evidence holds up another than the books'."""
    name, found = f"{first:%Y-%m}", month_facts(Month(first))
    told = by_evidence(first, first)
    return with_restated({name: found}, told)[name] if told else found


def month_facts(span: Month) -> dict[str, Cell]:
    """Every figure of the month that the console can tell."""
    found = from_books.facts(span) | from_fleet.facts(span, from_fleet.site_months(span))
    if found:
        found |= from_days.facts(span) | from_switching.facts(span)
    return found | hashprice(span, found)


def hashprice(span: Month, found: Facts) -> dict[str, Cell]:
    ran, mined = cell(found, "operating_avg_ehs").value, cell(found, "btc_produced").value
    if not ran or not mined:
        return {}
    value = half_up(from_books.mined_usd(span) / (ran * 1000 * Decimal(span.days)), 8)
    lineage = ["ledger:Assets:BitcoinCost:Mined", "= value of btc_produced / operating_avg_ehs / days"]
    return {"hashprice_usd_per_ph_day": known("hashprice_usd_per_ph_day", value, lineage)}


def refuse_unsaid(facts: Mapping[str, Facts], restated: Sequence[Restated], month: str) -> None:
    """A figure that changed since it was published is printed only with its reason."""
    said = {(one.month, one.code): one.new for one in restated}
    changed = [
        f"{name} {BY_CODE[code].name}: {told(old)} published, {told(new)} now"
        for name in facts
        if name != month
        for code, old, new in differences(months.first_day(name), facts[name])
        if (name, code) not in said or not is_told(said[name, code], new)
    ]
    if changed:
        raise Refused(
            f"published figures changed and are not restated: {'; '.join(changed[:5])}; restate them in their month"
        )


def is_told(said: Decimal | None, new: Decimal | None) -> bool:
    """Whether what was said is the figure now, at its precision."""
    return said == new if said is None or new is None else half_up(said, places_of(new)) == new


def differences(first: date, facts: Facts) -> list[tuple[str, Decimal | None, Decimal | None]]:
    """(code, published, now) of every figure of a published month of the ledger that is another now."""
    rows = Report.objects.filter(month=first, state=Report.State.PUBLISHED, basis="ledger").order_by("-version")
    report = rows.first()
    if report is None:
        return []
    now = derived(facts, months.days_in(f"{first:%Y-%m}"))
    return [
        (line.code, line.this.shown, cell(now, line.code).shown)
        for line in snapshot_of(report).lines
        if line.this.shown != cell(now, line.code).shown
    ]


def standing_texts(first: date) -> list[Statement]:
    """What is in force in the month, by kind and language."""
    return [
        Statement(row.kind, row.version, row.language, row.text, row.speaker, row.approved_by)
        for _, row in sorted(texts.in_force(first).items())
    ]
