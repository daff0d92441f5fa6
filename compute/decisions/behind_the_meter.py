"""What stands behind a site's meter beside the machines, as a plan takes it: battery, sun, programmes."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from cango_ops.base.daylight import sun_height
from cango_ops.units import W_PER_MW
from compute.decisions.batteries import joined
from compute.decisions.facts import OK, STALE, UNKNOWN, WARNING, Fact
from compute.decisions.power import QUARTER
from compute.switching.inputs import Battery, DrEvent, Floats, Grid, Reserve, Unit
from sites.models import Battery as BatteryRow
from sites.models import Programme, ProgrammeCall, Site, SolarPlant

SOC_GOOD_FOR: Final = timedelta(minutes=15)
# Sleep is seen within five minutes of its order, by the slowest maker's document.
GONE_WITHIN_MIN: Final = 5


def battery_of(site: Site, grid: Grid, now: datetime, facts: list[Fact]) -> Battery | None:
    """Those that can be told, as one; where none can, all of them, whose part is shown and not carried out."""
    rows = list(BatteryRow.objects.filter(site=site).order_by("name"))
    known = [row for row in rows if is_known(row, now, facts)]
    told = [row for row in known if is_told(row)]
    for row in known:
        facts.append(content_fact(row))
    found = [one_battery(row, grid) for row in told or known]
    return joined(found) if found else None


def is_known(row: BatteryRow, now: datetime, facts: list[Fact]) -> bool:
    if row.soc_mwh is not None and row.soc_at is not None and now - row.soc_at <= SOC_GOOD_FOR:
        return True
    state = UNKNOWN if row.soc_at is None else STALE
    facts.append(Fact(row.name, "charge not known", row.soc_source, row.soc_at, state, "it is left at rest"))
    return False


def is_told(row: BatteryRow) -> bool:
    return row.address is not None and row.power_w is not None


def content_fact(row: BatteryRow) -> Fact:
    told = is_told(row)
    words = "" if told else "nobody can tell it anything: its part of the plan is shown, not carried out"
    value = f"{row.soc_mwh:.1f} of {row.capacity_mwh:.1f} MWh"
    return Fact(row.name, value, row.soc_source, row.soc_at, OK if told else WARNING, words)


def one_battery(row: BatteryRow, grid: Grid) -> Battery:
    wear = float(row.wear_usd_per_mwh)
    usual = float(np.median(grid.import_price_usd_mwh))
    return Battery(
        capacity_mwh=float(row.capacity_mwh),
        soc0_mwh=row.soc_mwh or 0.0,
        soc_end_min_mwh=0.0,
        charge_mw=float(row.charge_mw),
        discharge_mw=float(row.discharge_mw),
        eta_charge=row.eta_charge,
        eta_discharge=row.eta_discharge,
        wear_usd_per_mwh_discharged=wear,
        end_value_usd_mwh=max(0.0, usual * row.eta_discharge - wear),
        now_mw=-(row.power_w or 0.0) / W_PER_MW,
        is_told=is_told(row),
    )


def solar_mw(site: Site, starts: list[datetime], hours: Floats, facts: list[Fact]) -> Floats:
    """A clear sky times the plant's usual yield: nobody measures it, and the fact says so."""
    plant = SolarPlant.objects.filter(site=site).first()
    if plant is None or site.latitude is None or site.longitude is None:
        return np.zeros(len(hours))
    middles = [at + timedelta(hours=float(length) / 2) for at, length in zip(starts, hours, strict=True)]
    height = np.array([max(0.0, sun_height(site.latitude, site.longitude, at)) for at in middles])
    found: Floats = height * float(plant.peak_mw) * plant.yield_share
    words = "a usual sky is assumed; its output is not measured"
    facts.append(Fact("solar", f"{found[0]:.2f} MW", "clear-sky estimate", None, WARNING, words))
    return found


def reserves_of(site: Site, units: list[Unit], now: datetime, steps: int, facts: list[Fact]) -> tuple[Reserve, ...]:
    """Programmes that pay for standing ready. Machines sleep within minutes; nodes under contract never count."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    held = Q(valid_until=None) | Q(valid_until__gte=today)
    found = []
    for row in Programme.objects.filter(held, site=site, valid_from__lte=today, usd_per_mw_h__gt=0):
        name, value = f"reserve {row.name}", f"${row.usd_per_mw_h}/MW and hour, {row.notice_min} min notice"
        if row.notice_min < GONE_WITHIN_MIN:
            words = f"machines need {GONE_WITHIN_MIN} minutes to be gone: nothing stands ready for it"
            facts.append(Fact(name, value, state=WARNING, words=words))
            continue
        serving = frozenset(unit.id for unit in units if unit.ai is None or unit.ai.sla is None)
        found.append(Reserve(row.name, np.full(steps, float(row.usd_per_mw_h)), float(row.cap_mw), serving))
        facts.append(Fact(name, value))
    return tuple(found)


def dr_events(site: Site, starts: list[datetime], hours: Floats, facts: list[Fact]) -> tuple[DrEvent, ...]:
    """Calls of programmes, by step; of a step that a call covers by half or more the whole is taken."""
    calls = ProgrammeCall.objects.filter(programme__site=site, withdrawn_at=None, end_at__gt=starts[0])
    found = []
    for call in calls.select_related("programme").order_by("begin_at"):
        facts.append(Fact("demand response", f"{call.programme.name} until {call.end_at:%H:%M} UTC", call.call_id))
        for step, at in enumerate(starts):
            length = timedelta(hours=float(hours[step]))
            covered = min(call.end_at, at + length) - max(call.begin_at, at)
            if covered >= max(length / 2, QUARTER / 2):
                programme = call.programme
                pay = float(programme.usd_per_mwh)
                found.append(DrEvent(step, float(programme.baseline_mw), float(programme.cap_mw), pay))
    return tuple(found)
