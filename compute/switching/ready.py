"""What load that stands ready in reserves earns, from the inputs alone: it shares nothing with the model."""

from compute.switching.inputs import Floats, Site
from compute.switching.plan import Plan


def reserve_usd(site: Site, plan: Plan) -> float:
    """The dearest reserve takes first what stands ready, as far as the load of its units is not promised yet."""
    if not site.reserves:
        return 0.0
    load = {unit.id: unit.facility_mw @ plan.modules[unit.id] for unit in site.units}
    total = 0.0
    for step in range(site.steps):
        promised: list[tuple[frozenset[str], float]] = []
        for reserve in sorted(site.reserves, key=lambda one: -float(one.usd_per_mw_h[step])):
            price = float(reserve.usd_per_mw_h[step])
            ready = min([reserve.cap_mw, *(left_mw(other.units, load, promised, step) for other in site.reserves
                                           if reserve.units <= other.units)])  # fmt: skip
            if price > 0 and ready > 0:
                promised.append((reserve.units, ready))
                total += price * ready * float(site.hours[step])
    return total


def left_mw(
    serving: frozenset[str], load: dict[str, Floats], promised: list[tuple[frozenset[str], float]], step: int
) -> float:
    """Load of these units that no reserve within them has been promised."""
    standing = sum(float(load[name][step]) for name in serving if name in load)
    return standing - sum(mw for units, mw in promised if units <= serving)
