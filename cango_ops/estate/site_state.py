"""One site as it is at a moment: outside temperature, which drills reach it, what all its machines draw together.

The draw is a sum over untouched machines, made once, times how warm it is; only machines that were commanded or
changed are asked one by one.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from cango_ops.estate.chance import between, unit
from cango_ops.estate.drills import Drills
from cango_ops.estate.layout import Site
from cango_ops.estate.weather import ambient_c, climate_of

MEAN_INLET_C: Final = 2.5
DERATE_FROM_C: Final = 36.0
DERATE_PER_C: Final = 0.02


class Draws(Protocol):
    """A machine as its site's meter sees it."""

    address: str

    def nominal_w(self) -> tuple[float, float]:
        """(whatever it does, added at full load)"""

    def power_at(self, t: float) -> float: ...


def derate(inlet_c: float) -> float:
    """The share of its load that a machine keeps when the air that it takes in is warm."""
    return max(0.5, 1.0 - DERATE_PER_C * max(0.0, inlet_c - DERATE_FROM_C))


class Gives(Protocol):
    """A battery as its site's meter sees it."""

    def power_w(self, t: float) -> float: ...


class SiteState:
    """A site's moving parts. care: how well the place is kept, about the hashrate reached over the nameplate's."""

    def __init__(self, site: Site, number: int, seed: int, drills: Drills) -> None:
        self.site = site
        self.code = site.code
        self.number = number
        self.key = key = seed ^ number << 32
        self.drills = drills
        self.climate = climate_of(site.latitude, site.longitude, key)
        self.care = between(key, 11, 0.94, 0.99)
        self.loss = between(key, 12, 0.018, 0.045)
        self.cooling = between(key, 13, 0.02, 0.05)
        self.noise_phase = 6.28 * unit(key, 14)
        self.untouched_w: tuple[float, float] | None = None
        self.touched: dict[str, Draws] = {}
        self.battery: Gives | None = None
        self._ambient: tuple[int, float] = (-1, 0.0)

    def ambient(self, t: float) -> float:
        second = int(t)
        if self._ambient[0] != second:
            wave = self.drills.level("heat-wave", self.code, t)
            self._ambient = (second, ambient_c(self.climate, t, wave))
        return self._ambient[1]

    def is_drilled(self, name: str, t: float) -> bool:
        return self.drills.is_on(name, self.code, t)

    def touch(self, machine: Draws) -> None:
        """From now on this machine is asked itself. Call it before the machine changes."""
        if machine.address in self.touched:
            return
        self.touched[machine.address] = machine
        if self.untouched_w is not None:
            standby, load = machine.nominal_w()
            self.untouched_w = (self.untouched_w[0] - standby, self.untouched_w[1] - load)

    def count_in(self, nominal_w: Iterable[tuple[str, float, float]]) -> None:
        """Sums up the machines that nobody has touched; once. nominal_w: (address, standby, what full load adds)."""
        standby_w = load_w = 0.0
        for address, standby, load in nominal_w:
            if address not in self.touched:
                standby_w += standby
                load_w += load
        self.untouched_w = (standby_w, load_w)

    def machines_w(self, t: float) -> float:
        """What the machines draw together. `count_in` comes first."""
        if self.untouched_w is None:
            raise RuntimeError("the machines were not counted in")
        standby, load = self.untouched_w
        mean = standby + load * derate(self.ambient(t) + MEAN_INLET_C)
        return mean + sum(machine.power_at(t) for machine in self.touched.values())
