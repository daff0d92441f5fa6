"""A month's energy by the meters of the company's sites: known only where every one of them was read."""

from collections.abc import Sequence
from decimal import Decimal

from sites.metering.queries import energy_wh
from sites.models import Meter, Site
from treasury.closing.span import Span
from treasury.mining.cost import Production, efficiency
from treasury.money import half_up
from treasury.reports.figures import Cell, Facts, cell, known, missing


def facts(span: Span, fleet: Facts) -> dict[str, Cell]:
    """energy_mwh and fleet_j_per_th. fleet: what telemetry said, for the hashes."""
    sites = list(Site.objects.filter(operator__is_company=True).values_list("pk", "code"))
    read = {pk: of_site(pk, span) for pk, _ in sites}
    silent = [code for pk, code in sites if read[pk] is None]
    if not sites or silent:
        reason = missing(f"the meters of {len(silent)} of {len(sites)} sites were not read in the month")
        return {"energy_mwh": reason, "fleet_j_per_th": reason}
    mwh = half_up(Decimal(repr(sum(wh for wh in read.values() if wh is not None))) / 10**6, 3)
    lineage = [f"meters:{code}" for _, code in sites]
    found = {"energy_mwh": known("energy_mwh", mwh, lineage)}
    ran = cell(fleet, "operating_avg_ehs").value
    j_per_th = efficiency(Production(0, Decimal(span.days), ran, None, mwh * 1000)) if ran else None
    if j_per_th is not None:
        found["fleet_j_per_th"] = known("fleet_j_per_th", j_per_th, [*lineage, "= energy_mwh / operating_avg_ehs"])
    return found


def of_site(site_id: int, span: Span) -> float | None:
    """None where the site has no meter, or one of them was not read."""
    meters: Sequence[int] = list(Meter.objects.filter(site=site_id).values_list("pk", flat=True))
    read = [energy_wh(pk, span.start_at, span.end_at) for pk in meters]
    return sum(wh for wh in read if wh is not None) if read and None not in read else None
