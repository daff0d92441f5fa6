"""What a site would do at other prices: the newest plan's own inputs, changed and solved again while somebody waits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from compute.decisions import frozen, uses
from compute.decisions.uses import Worth
from compute.models import Plan
from compute.switching.inputs import Site, Unit
from compute.switching.plan import Plan as Schedule
from compute.switching.planning import plan_site
from compute.switching.reprice import Priced
from compute.switching.solve import Effort

# Well within the second that a person waits for.
EFFORT: Final = Effort(time_limit_s=0.7, gap_usd=5.0)
LEAST, MOST = -90, 400
NAMES: Final = {"mining": "Mining", "ai": "AI", "sold": "Sold", "stored": "Stored", "idle": "Idle"}


@dataclass(frozen=True)
class Knob:
    """One slider. percent: how far from now."""

    name: str
    label: str
    percent: int
    unit: str
    now: float | None
    then: float | None


@dataclass(frozen=True)
class Answer:
    """mw: by use with its name, now planned and then, in the first step.   usd: of the horizon."""

    knobs: list[Knob]
    usd: float
    usd_then: float | None
    mw: list[tuple[str, str, float, float]]
    worth: list[Worth]
    words: str

    @property
    def difference_usd(self) -> float | None:
        return None if self.usd_then is None else self.usd_then - self.usd


def percents(asked: Mapping[str, str]) -> dict[str, int]:
    """What the sliders say; what is no whole number, or out of range, counts as no change."""
    return {name: percent(asked.get(name, "0")) for name in ("btc", "hashprice", "power", "ai")}


def percent(text: str) -> int:
    digits = text.removeprefix("-")
    value = int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 5 else 0
    return max(LEAST, min(MOST, value))


def answer(plan: Plan, wanted: Mapping[str, int]) -> Answer | None:
    """None where the plan has no inputs."""
    if plan.inputs is None or plan.profit_usd is None:
        return None
    site = frozen.thawed_site(plan.inputs)
    other = changed(site, wanted)
    planned = plan_site(other, EFFORT)
    usd_then = planned.priced.profit_usd if planned.priced else None
    return Answer(
        knobs=knobs(site, other, wanted),
        usd=float(plan.profit_usd),
        usd_then=usd_then,
        mw=by_use(plan, other, planned.plan, planned.priced),
        worth=uses.worth_now(other),
        words=planned.words,
    )


def changed(site: Site, wanted: Mapping[str, int]) -> Site:
    """A dearer bitcoin raises the hashprice as much; a dearer hashprice is on top of it."""
    factors = {name: 1 + value / 100 for name, value in wanted.items()}
    grid = site.grid
    # A negative price that is "20 % dearer" is less negative: the change goes by the size of the price.
    import_price = grid.import_price_usd_mwh + abs(grid.import_price_usd_mwh) * (factors["power"] - 1)
    export_price = grid.export_price_usd_mwh + abs(grid.export_price_usd_mwh) * (factors["power"] - 1)
    return replace(
        site,
        hashprice_usd_per_ph_day=site.hashprice_usd_per_ph_day * factors["btc"] * factors["hashprice"],
        grid=replace(grid, import_price_usd_mwh=import_price, export_price_usd_mwh=export_price),
        units=tuple(with_demand(unit, factors["ai"]) for unit in site.units),
    )


def with_demand(unit: Unit, factor: float) -> Unit:
    """Contracts stay as they are; the demand of the hour moves."""
    if unit.ai is None or unit.ai.sla is not None:
        return unit
    return replace(unit, ai=replace(unit.ai, demand_nodes=unit.ai.demand_nodes * factor))


def knobs(site: Site, other: Site, wanted: Mapping[str, int]) -> list[Knob]:
    hash_now, hash_then = float(site.hashprice_usd_per_ph_day[0]), float(other.hashprice_usd_per_ph_day[0])
    power_now, power_then = float(site.grid.import_price_usd_mwh[0]), float(other.grid.import_price_usd_mwh[0])
    return [
        Knob("btc", "Bitcoin price", wanted["btc"], "", None, None),
        Knob("hashprice", "Hashprice", wanted["hashprice"], "$/PH/day", hash_now, hash_then),
        Knob("power", "Power", wanted["power"], "$/MWh", power_now, power_then),
        Knob("ai", "AI demand by the hour", wanted["ai"], "nodes", spot_nodes(site), spot_nodes(other)),
    ]


def spot_nodes(site: Site) -> float | None:
    nodes = [float(unit.ai.demand_nodes[0]) for unit in site.units if unit.ai and unit.ai.sla is None]
    return sum(nodes) if nodes else None


def by_use(
    plan: Plan, other: Site, schedule: Schedule | None, priced: Priced | None
) -> list[tuple[str, str, float, float]]:
    if schedule is None or priced is None:
        return []
    then = uses.schedule(other, schedule, priced)
    return [(use, name, plan.schedule[f"{use}_mw"][0], then[f"{use}_mw"][0]) for use, name in NAMES.items()]
