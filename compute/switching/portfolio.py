"""Several sites under limits of the whole company, on megawatts or on AI nodes.

Sites are planned each by itself. Only where that breaks a limit, one linear model of all of them says what share each
gets; then every site is planned again within its share, and what one leaves over goes to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compute.switching.inputs import Floats, Site
from compute.switching.model import Layout, add_site
from compute.switching.plan import load_mw
from compute.switching.planning import Planned, plan_site
from compute.switching.sheet import Arrays, Places, Sheet
from compute.switching.solve import Effort, Outcome, solve

KEPT = 1e-5


@dataclass(frozen=True, eq=False)
class Caps:
    """Limits of all sites together in each step; None is no limit. Base loads count as megawatts."""

    load_mw: Floats | None = None
    nodes: Floats | None = None


@dataclass(frozen=True, eq=False)
class Use:
    """What a site draws and serves in each step."""

    load_mw: Floats
    nodes: Floats


def plan_company(sites: Sequence[Site], caps: Caps, effort: Effort) -> list[Planned]:
    """A plan for each site, in order; together they keep the caps, or what cannot be kept is infeasible.

    Every site has the same steps. Raises ValueError when they have not.
    """
    if any(not np.array_equal(site.hours, sites[0].hours) for site in sites):
        raise ValueError("the sites of a company are planned on the same steps")
    alone = [plan_site(site, effort) for site in sites]
    if keeps(caps, [use_of(site, planned) for site, planned in zip(sites, alone, strict=True)]):
        return alone
    given = shares(sites, caps, effort)
    if given is None:
        none = "no plans of all sites keep the company's limits"
        return [Planned(Outcome.INFEASIBLE, None, None, None, None, none) for _ in sites]
    return within_shares(sites, caps, given, effort)


def use_of(site: Site, planned: Planned) -> Use:
    if planned.plan is None:
        return Use(site.base_load_mw, np.zeros(site.steps))
    nodes = np.zeros(site.steps)
    for unit in site.units:
        if unit.ai is not None:
            nodes += unit.nodes @ planned.plan.modules[unit.id]
    return Use(load_mw(site, planned.plan), nodes)


def keeps(caps: Caps, uses: list[Use]) -> bool:
    load = sum((use.load_mw for use in uses), np.zeros(1))
    nodes = sum((use.nodes for use in uses), np.zeros(1))
    too_much = caps.load_mw is not None and (load > caps.load_mw + KEPT).any()
    too_many = caps.nodes is not None and (nodes > caps.nodes + KEPT).any()
    return not too_much and not too_many


def shares(sites: Sequence[Site], caps: Caps, effort: Effort) -> list[Use] | None:
    """What each site uses in the linear model of all sites under the caps; None when nothing keeps them."""
    sheet = Sheet()
    layouts = [add_site(sheet, site) for site in sites]
    cap_rows(sheet, sites, layouts, caps)
    solution = solve(relaxed(sheet.arrays()), effort)
    if not len(solution.values):
        return None
    return [
        Use(
            site.base_load_mw + solution.values[layout.meter.load],
            sum((each @ solution.values[places] for each, places in node_places(site, layout)), np.zeros(site.steps)),
        )
        for site, layout in zip(sites, layouts, strict=True)
    ]


def cap_rows(sheet: Sheet, sites: Sequence[Site], layouts: list[Layout], caps: Caps) -> None:
    steps = sites[0].steps
    if caps.load_mw is not None:
        base = sum((site.base_load_mw for site in sites), np.zeros(steps))
        rows = sheet.rows(steps, upper=caps.load_mw - base)
        for layout in layouts:
            sheet.put(rows, layout.meter.load, 1.0)
    if caps.nodes is not None:
        rows = sheet.rows(steps, upper=caps.nodes)
        for site, layout in zip(sites, layouts, strict=True):
            for nodes, places in node_places(site, layout):
                sheet.put(rows, places, nodes[:, None])


def node_places(site: Site, layout: Layout) -> list[tuple[Floats, Places]]:
    """Nodes of a module by mode, and where the modes of each GPU unit stand."""
    units = zip(site.units, layout.units, strict=True)
    return [(unit.nodes, columns.modes) for unit, columns in units if unit.ai is not None]


def relaxed(arrays: Arrays) -> Arrays:
    return replace(arrays, whole=np.zeros_like(arrays.whole))


def within_shares(sites: Sequence[Site], caps: Caps, given: list[Use], effort: Effort) -> list[Planned]:
    """Plans site after site within its share and what those before it left over."""
    done: list[Planned] = []
    over_mw = spare(caps.load_mw, [use.load_mw for use in given])
    over_nodes = spare(caps.nodes, [use.nodes for use in given])
    for site, share in zip(sites, given, strict=True):
        bounded = site
        if caps.load_mw is not None:
            bounded = replace(bounded, limit_mw=np.minimum(site.limit_mw, share.load_mw + over_mw))
        if caps.nodes is not None:
            bounded = replace(bounded, nodes_limit=share.nodes + over_nodes)
        planned = plan_site(bounded, effort)
        used = use_of(site, planned)
        over_mw = over_mw + share.load_mw - used.load_mw
        over_nodes = over_nodes + share.nodes - used.nodes
        done.append(planned)
    return done


def spare(cap: Floats | None, shared: list[Floats]) -> Floats:
    """What the shares leave of a cap."""
    return np.zeros(1) if cap is None else np.maximum(cap - sum(shared, np.zeros(1)), 0.0)
