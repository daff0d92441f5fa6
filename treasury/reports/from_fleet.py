"""A month's hashrate, uptime, energy and GPU-hours out of telemetry and meters, site by site.

Averages are over the minutes that were observed; how many were is said beside the figure. Partner sites are not the
company's hashrate: they stand in the parts and not in the totals.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Max, Sum

from cango_ops.units import THS_PER_EHS
from compute.models import Rollup
from compute.telemetry.upsert import SITE_SCOPE
from sites.models import PlannedWindow, Site
from treasury.earnings.span import Month
from treasury.mining.losses import NOTHING, Minutes, Off, split, together
from treasury.money import half_up, percent
from treasury.reports.figures import Cell, known, missing
from treasury.reports.from_commands import asleep_minutes, relocated_minutes
from treasury.reports.from_windows import lost_minutes, windows_of
from treasury.reports.snapshot import Part, value_of

HOUR_S: Final = 3600
NONE: Final = missing("no telemetry of the month is kept")


@dataclass(frozen=True)
class SiteMonth:
    """Sums of a site over the observed minutes. deployed_end_ths: of its last observed hour.

    expected, present, up, curtailed, relocated: machine-minutes. maintenance, moving: of planned windows, of which the
    site has so many.
    """

    code: str
    region: str
    kind: str
    is_company: bool
    minutes: int
    deployed_ths: float
    hashrate_ths: float
    deployed_end_ths: float
    expected: int
    present: int
    up: int
    curtailed: float = 0.0
    relocated: float = 0.0
    maintenance: Off = NOTHING
    moving: Off = NOTHING
    windows: int = 0


def site_months(span: Month) -> list[SiteMonth]:
    """Every site that was observed in the month."""
    rows = Rollup.objects.filter(
        resolution_s=HOUR_S, scope=SITE_SCOPE, start_at__gte=span.start_at, start_at__lt=span.end_at
    )
    sums = rows.values("scope_id").annotate(
        observed=Sum("minutes"), deployed=Sum(F("deployed_ths") * F("minutes")),
        ran=Sum(F("hashrate_ths") * F("minutes")), machines=Sum("expected"), answered=Sum("present"), working=Sum("up"),
        last_at=Max("start_at"),
    )  # fmt: skip
    sites = {site.pk: site for site in Site.objects.select_related("region", "operator")}
    told = [dict(row) for row in sums]
    last = last_deployed(told)
    found = [site_month(sites[row["scope_id"]], row, last) for row in told if row["scope_id"] in sites]
    return with_records(found, {site.code: pk for pk, site in sites.items()}, span)


def with_records(found: Sequence[SiteMonth], ids: dict[str, int], span: Month) -> list[SiteMonth]:
    """With what machines were told to do, and where they went."""
    asleep, relocated, planned = asleep_minutes(span), relocated_minutes(span), lost_minutes(span)
    windows = Counter(one.site.code for one in windows_of(span))
    return [
        replace(
            one, curtailed=asleep.get(ids[one.code], 0.0), relocated=relocated.get(one.code, 0.0),
            maintenance=planned.get((ids[one.code], PlannedWindow.Kind.MAINTENANCE), NOTHING),
            moving=planned.get((ids[one.code], PlannedWindow.Kind.RELOCATION), NOTHING), windows=windows[one.code],
        )
        for one in found
    ]  # fmt: skip


def last_deployed(sums: Iterable[dict[str, Any]]) -> dict[int, float]:
    """The deployed hashrate of each site in its last observed hour."""
    newest = {row["scope_id"]: row["last_at"] for row in sums}
    rows = Rollup.objects.filter(resolution_s=HOUR_S, scope=SITE_SCOPE, start_at__in=set(newest.values()))
    told = rows.values_list("scope_id", "start_at", "deployed_ths")
    return {pk: ths or 0.0 for pk, at, ths in told if newest.get(pk) == at}


def site_month(site: Site, row: dict[str, Any], last: dict[int, float]) -> SiteMonth:
    minutes = row["observed"] or 1
    return SiteMonth(
        code=site.code, region=site.region.name, kind=site.kind, is_company=site.operator.is_company,
        minutes=row["observed"] or 0, deployed_ths=(row["deployed"] or 0.0) / minutes,
        hashrate_ths=(row["ran"] or 0.0) / minutes, deployed_end_ths=last.get(site.pk, 0.0),
        expected=row["machines"] or 0, present=row["answered"] or 0, up=row["working"] or 0,
    )  # fmt: skip


def facts(span: Month, months: Sequence[SiteMonth]) -> dict[str, Cell]:
    own = [one for one in months if one.is_company]
    if not own:
        return {}
    lineage, note = [f"rollups:{one.code}" for one in own], coverage(span, own)
    totals = {
        "deployed_end_ehs": sum(one.deployed_end_ths for one in own),
        "deployed_avg_ehs": sum(one.deployed_ths for one in own),
        "operating_avg_ehs": sum(one.hashrate_ths for one in own),
    }
    found = {code: known(code, ehs(ths), lineage, note=note) for code, ths in totals.items()}
    return found | lost(own, lineage, totals)


def ehs(ths: float) -> Decimal:
    """Telemetry is in floats; six decimals of an EH/s are a megahash or so."""
    return half_up(Decimal(repr(ths)) / Decimal(int(THS_PER_EHS)), 6)


def coverage(span: Month, own: Sequence[SiteMonth]) -> str:
    """Empty where every minute of every observed site is there."""
    seen, wanted = sum(one.minutes for one in own), span.hours * 60 * len(own)
    share = percent(seen, wanted, 2)
    return "" if seen >= wanted else f"{len(own)} sites, {share} % of the minutes observed"


def lost(own: Sequence[SiteMonth], lineage: Sequence[str], totals: dict[str, float]) -> dict[str, Cell]:
    """Where the deployed hashrate went that did not work. Machines count, so small and large ones weigh the same."""
    deployed = totals["deployed_avg_ehs"]
    whole = together([split(minutes_of(one)) for one in own])
    if not whole.expected or not deployed:
        return {}
    parts = {
        "uptime_pct": whole.up, "lost_silent_pct": whole.silent, "lost_outage_pct": whole.outage,
        "lost_curtailed_pct": whole.curtailed, "lost_relocated_pct": whole.relocated,
        "lost_maintenance_pct": whole.maintenance,
    }  # fmt: skip
    shares = {code: exact_percent(minutes, whole.expected) for code, minutes in parts.items()}
    ran = half_up(Decimal(repr(100 * totals["operating_avg_ehs"] / deployed)), 4)
    off = sum((share for code, share in shares.items() if code != "uptime_pct"), Decimal(0))
    shares["lost_slow_pct"] = 100 - ran - off
    found = {code: known(code, share, lineage) for code, share in shares.items()}
    found["lost_curtailed_pct"] = replace(
        found["lost_curtailed_pct"], lineage=tuple(f"orders:{one.code}" for one in own)
    )
    windows, planned = tuple(f"windows:{one.code}" for one in own if one.windows), sum(one.windows for one in own)
    found["lost_relocated_pct"] = replace(
        found["lost_relocated_pct"],
        lineage=(*found["lost_relocated_pct"].lineage, *windows),
        note="planned relocations, and moves between places that the console noticed",
    )
    found["lost_maintenance_pct"] = (
        replace(
            found["lost_maintenance_pct"],
            lineage=windows,
            note=f"planned windows: {planned}",
        )
        if planned
        else missing("no planned window was entered for the month; maintenance is in the outage")
    )
    return found


def minutes_of(one: SiteMonth) -> Minutes:
    return Minutes(one.expected, one.present, one.up, one.curtailed, one.relocated, one.maintenance, one.moving)


def exact_percent(part: float, whole: float) -> Decimal:
    return half_up(Decimal(repr(100 * part / whole)), 4)


def parts(months: Sequence[SiteMonth]) -> list[Part]:
    """By region and by kind of site, partners included."""
    return [
        part(dimension, name, [one for one in months if getattr(one, dimension) == name])
        for dimension in ("region", "kind")
        for name in sorted({getattr(one, dimension) for one in months})
    ]


def part(dimension: str, name: str, of: Sequence[SiteMonth]) -> Part:
    lineage = [f"rollups:{one.code}" for one in of]
    deployed, ran = ehs(sum(one.deployed_ths for one in of)), ehs(sum(one.hashrate_ths for one in of))
    ratio = percent(ran, deployed)
    share = missing("nothing is deployed") if ratio is None else known("operating_ratio_pct", ratio, lineage)
    return Part(
        dimension,
        name,
        value_of(known("deployed_avg_ehs", deployed, lineage)),
        value_of(known("operating_avg_ehs", ran, lineage)),
        value_of(share),
    )
