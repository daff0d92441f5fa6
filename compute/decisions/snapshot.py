"""Everything that a plan of a site is made from, now: each input with source, age, and what is done without it.

Nothing that is missing is invented. Without the price of this hour, a hashprice, a contract, or half of the machines
there is no plan: what runs is left alone, and the plan's row says why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import numpy as np

from cango_ops.units import W_PER_MW
from compute.commands import settling
from compute.decisions.ai_units import MIN_DOWN_H, MIN_UP_H, ai_facts, ai_units
from compute.decisions.alternatives import running
from compute.decisions.behind_the_meter import battery_of, dr_events, reserves_of, solar_mw
from compute.decisions.facts import STALE, UNKNOWN, WARNING, Fact
from compute.decisions.fleet import Fleet, can_be_told, fleet_of
from compute.decisions.limit_facts import limit_facts
from compute.decisions.mining_units import drawn_w, mining_unit, settle_of
from compute.decisions.past import entering, switched
from compute.decisions.power import PowerAhead, demand_charges, power_ahead, take_or_pay
from compute.market import demand, network
from compute.models import MiningTerms
from compute.switching.horizon import onto_steps, steps_h
from compute.switching.inputs import (
    Floats,
    Grid,
    Unit,
)  # fmt: skip
from compute.switching.inputs import (
    Site as SiteInputs,
)
from sites.metering import queries as metering
from sites.models import Site

# A hashprice moves by a few per cent a day: it may be used for so long after it was read.
HASHPRICE_GOOD_FOR: Final = timedelta(hours=6)
LARGE_MW: Final = 1e6


@dataclass(frozen=True, eq=False)
class Snapshot:
    """inputs is None where nothing can be planned; then why_not says so."""

    site: Site
    now: datetime
    begin_at: datetime
    inputs: SiteInputs | None
    facts: tuple[Fact, ...]
    why_not: str = ""


def snapshot(site: Site, now: datetime) -> Snapshot:
    begin = quarter(now)
    power = power_ahead(site, begin, now)
    price, hash_fact, hash_words = hashprice_of(site, now)
    fleet = fleet_of(site, metering.power_now([site.pk], now)[site.pk], now)
    facts = [*power.facts, hash_fact, *fleet.facts]
    why = power.why_not or hash_words or machines_words(fleet)
    if why or price is None:
        return Snapshot(site, now, begin, None, tuple(facts), why)
    inputs, more = inputs_of(site, fleet, power, price, begin, now)
    return Snapshot(site, now, begin, inputs, (*facts, *more))


def quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


def machines_words(fleet: Fleet) -> str:
    if not fleet.is_enough:
        return "less than half of the site's power is heard"
    return "" if fleet.groups else "no machine is known to work"


def hashprice_of(site: Site, now: datetime) -> tuple[float | None, Fact, str]:
    """After the pool's fee; with the fact and why nothing can be planned."""
    found = network.hashprice()
    if found is None:
        words = "the hashprice was never read"
        return None, Fact("hashprice", "never read", state=UNKNOWN, words="nothing is decided without it"), words
    terms = MiningTerms.objects.filter(site=site).first()
    fee = float(terms.fee_share) if terms else 0.0
    usd = found.usd_per_ph_day * (1 - fee)
    value = f"${usd:.2f}/PH/day after {fee:.1%} to {terms.pool if terms else 'the pool (terms not known)'}"
    if now - found.observed_at > HASHPRICE_GOOD_FOR:
        words = "the hashprice is too old to act on"
        return None, Fact("hashprice", value, found.source, found.observed_at, STALE, words), words
    state, words = (WARNING, "the last value is used") if found.is_stale else ("ok", "")
    return usd, Fact("hashprice", value, found.source, found.observed_at, state, words), ""


def inputs_of(
    site: Site, fleet: Fleet, power: PowerAhead, hashprice: float, begin: datetime, now: datetime
) -> tuple[SiteInputs, list[Fact]]:
    assert power.contract is not None
    hours = steps_h(len(power.import_usd) / 4)
    starts = [begin + timedelta(hours=float(at)) for at in np.concatenate(([0.0], np.cumsum(hours)))[:-1]]
    facts: list[Fact] = []
    units = units_of(site, fleet, hashprice, len(hours), now, facts)
    units = entering(units, switched(site, begin, max(MIN_UP_H, MIN_DOWN_H)))
    facts += [fact for unit in units if (fact := past_fact(unit)) is not None]
    load = fleet.unheard_mw + sum(float(unit.facility_mw @ running(unit)) for unit in units)
    fixed = fleet.unheard_mw + left_alone_mw(fleet, units)
    grid = grid_of(site, power, hours, starts, now, load, facts)
    solar = solar_mw(site, starts, hours, facts)
    inputs = SiteInputs(
        id=site.code,
        hours=hours,
        hashprice_usd_per_ph_day=np.full(len(hours), hashprice),
        base_load_mw=np.full(len(hours), fixed),
        limit_mw=np.full(len(hours), max(float(site.capacity_mw), fixed)),
        grid=grid,
        solar_mw=solar,
        units=tuple(units),
        battery=battery_of(site, grid, now, facts),
        dr_events=dr_events(site, starts, hours, facts),
        reserves=reserves_of(site, units, now, len(hours), facts),
    )
    return inputs, facts


def grid_of(
    site: Site, power: PowerAhead, hours: Floats, starts: list[datetime], now: datetime, load: float, facts: list[Fact]
) -> Grid:
    assert power.contract is not None
    charges, said = demand_charges(site, power.contract, starts, now, load)
    block, more = take_or_pay(site, power.contract, starts[0], float(hours.sum()))
    facts += [*said, *more]
    return Grid(
        import_limit_mw=max(float(site.capacity_mw), load),
        export_limit_mw=min(power.export_limit_mw, float(site.capacity_mw)),
        import_price_usd_mwh=onto_steps(power.import_usd, hours),
        export_price_usd_mwh=onto_steps(power.export_usd, hours),
        demand_charges=charges,
        take_or_pay=block,
        coincident_usd_per_mw=onto_steps(power.coincident_usd, hours) * hours if power.coincident_usd.any() else None,
    )


# Machines


def units_of(site: Site, fleet: Fleet, hashprice: float, steps: int, now: datetime, facts: list[Fact]) -> list[Unit]:
    """Only groups that can be told to sleep and to wake are decided about."""
    told = [group for group in fleet.groups if can_be_told(group)]
    deaf = [group for group in fleet.groups if not can_be_told(group)]
    if deaf:
        names = ", ".join(group.id for group in deaf)
        words = "no order can be sent to them; they are left as they are"
        facts.append(Fact("machines without orders", names[:100], state=WARNING, words=words))
    facts += limit_facts(told)
    measured = cache(settling.measured)
    units = []
    for group in (group for group in told if not group.is_gpu):
        settle = settle_of(sorted(group.languages), measured)
        units.append(mining_unit(group, fleet.overhead, hashprice, settle))
    nodes = [group for group in told if group.is_gpu]
    if nodes:
        sold, spot = demand.contracts(site, now), demand.spot(site, now)
        facts += ai_facts(nodes, sold, spot)
        units += ai_units(nodes, fleet.overhead, sold, spot, steps)
    return units


def past_fact(unit: Unit) -> Fact | None:
    up, down = sum(count for _, count in unit.started), sum(count for _, count in unit.stopped)
    if not up and not down:
        return None
    words = "they stay so for their minimum times"
    return Fact(f"{unit.id} lately", f"{up:.0f} woken, {down:.0f} put to sleep", "telemetry", words=words)


def left_alone_mw(fleet: Fleet, units: list[Unit]) -> float:
    """What heard machines draw that no unit stands for."""
    heard = sum(drawn_w(group) for group in fleet.groups) / W_PER_MW * fleet.overhead
    return max(0.0, heard - sum(float(unit.facility_mw @ running(unit)) for unit in units))
