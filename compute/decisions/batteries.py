"""A site's batteries as one, for its plan, and that one's power shared out among them again. Pure.

The one holds and moves what they do together, with their mean losses and wear. What it is told is shared by how much
each can still take or give, so that they become full, or empty, together; each round plans anew from what they hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from compute.switching.inputs import Battery

DUST_MW: Final = 1e-6


def joined(batteries: Sequence[Battery]) -> Battery:
    """At least one of them."""
    if len(batteries) == 1:
        return batteries[0]
    charge, discharge = (sum(one.charge_mw for one in batteries), sum(one.discharge_mw for one in batteries))
    given = [one.discharge_mw for one in batteries]
    return replace(
        batteries[0],
        capacity_mwh=sum(one.capacity_mwh for one in batteries),
        soc0_mwh=sum(one.soc0_mwh for one in batteries),
        soc_end_min_mwh=sum(one.soc_end_min_mwh for one in batteries),
        charge_mw=charge,
        discharge_mw=discharge,
        eta_charge=mean([one.eta_charge for one in batteries], [one.charge_mw for one in batteries]),
        eta_discharge=mean([one.eta_discharge for one in batteries], given),
        wear_usd_per_mwh_discharged=mean([one.wear_usd_per_mwh_discharged for one in batteries], given),
        end_value_usd_mwh=mean([one.end_value_usd_mwh for one in batteries], given),
        now_mw=sum(one.now_mw for one in batteries),
    )


def mean(values: Sequence[float], weights: Sequence[float]) -> float:
    total = sum(weights)
    if not total:
        return sum(values) / len(values)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total


@dataclass(frozen=True)
class Room:
    """What a battery can take (or give): at most so many MW, and so many MWh until it is full (or empty)."""

    mw: float
    mwh: float


def shared(mw: float, rooms: Sequence[Room]) -> list[float]:
    """That power among batteries by the energy each has room for, none above its own; less where they cannot."""
    found, left = [0.0] * len(rooms), mw
    while left > DUST_MW:
        open_ones = [at for at, room in enumerate(rooms) if room.mwh > 0 and room.mw - found[at] > DUST_MW]
        energy = sum(rooms[at].mwh for at in open_ones)
        if not open_ones:
            break
        parts = {at: min(rooms[at].mw - found[at], left * rooms[at].mwh / energy) for at in open_ones}
        for at, part in parts.items():
            found[at] += part
        left -= sum(parts.values())
    return found
