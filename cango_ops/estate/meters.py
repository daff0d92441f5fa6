"""What a site's power meter holds in its registers: SunSpec model 203, or the map of an ABB B23.

The meter sees more than the machines say: cables and transformers, the cooling that works harder when it is warm, and
its own error; a few per cent together.
"""

from math import sqrt
from typing import Final

from cango_ops.estate.chance import wobble
from cango_ops.estate.registers import int16, text, uint32, uint64
from cango_ops.estate.site_state import SiteState
from cango_ops.estate.world import World

LINE_V: Final = 13_800.0
POWER_FACTOR: Final = 0.972
HERTZ: Final = {"NA": 60.0, "SA": 50.0, "ME": 50.0, "EA": 50.0}
INSTALLED_S: Final = 400 * 86_400
SUNSPEC_BASE: Final = 40_000
ABB_INSTANT: Final = 0x5B00
ABB_ENERGY: Final = 0x5000
NOT_THERE: Final = 0x8000


class Meter:
    """One meter. Its energy is the sum of its power over the times between two readings."""

    def __init__(self, world: World, site: SiteState) -> None:
        self.world = world
        self.site = site
        self.hertz = HERTZ[site.site.region]
        self._at = 0.0
        self._energy_wh = 0.0
        self._power_w = 0.0

    def read(self, t: float) -> tuple[float, float]:
        """(W, Wh imported since it was put in)"""
        if self._at == 0.0:
            self._power_w = self._measure(t)
            self._energy_wh = self._power_w * INSTALLED_S / 3600
            self._at = t
        elif t - self._at >= 1.0:
            power = self._measure(t)
            self._energy_wh += (power + self._power_w) / 2 * (t - self._at) / 3600
            self._power_w, self._at = power, t
        return self._power_w, self._energy_wh

    def _measure(self, t: float) -> float:
        site = self.site
        machines = self.world.machines_w(site, t)
        cooling = site.cooling * (1 + max(-0.6, (site.ambient(t) - 20) / 30))
        given = site.battery.power_w(t) if site.battery is not None else 0.0
        return machines * (1 + site.loss + cooling) * (1 + 0.003 * wobble(site.noise_phase, t / 7)) - given

    def registers(self, t: float) -> dict[int, int]:
        power_w, energy_wh = self.read(t)
        volts = LINE_V / sqrt(3) * (1 + 0.006 * wobble(self.site.noise_phase + 1, t / 31))
        amps = power_w / POWER_FACTOR / 3 / volts
        hertz = self.hertz * (1 + 0.0004 * wobble(self.site.noise_phase + 2, t / 3))
        meter = self.site.site.meter
        if meter is not None and meter.map == "abb_b23":
            return abb_b23(power_w, energy_wh, volts, amps, hertz)
        return sunspec_203(power_w, energy_wh, volts, amps, hertz, f"EST{self.site.number:05d}")


def _at(start: int, *blocks: list[int]) -> dict[int, int]:
    """The blocks one after the other from `start` on."""
    return dict(enumerate((word for block in blocks for word in block), start))


def scale_for(value: float) -> int:
    """The power of ten that lets twice this value fit into a signed 16-bit number."""
    scale = 0
    while 2 * abs(value) > 32_000 * 10**scale:
        scale += 1
    return scale


def sunspec_203(
    power_w: float, energy_wh: float, volts: float, amps: float, hertz: float, serial: str
) -> dict[int, int]:
    """The chain of models: "SunS", common (1), three-phase wye meter (203), end. Source: SunSpec models 1 and 203."""
    common = [1, 66, *text("Cango estate", 16), *text("Feeder 203", 16), *text("", 8), *text("1.0", 8),
              *text(serial, 16), 1, NOT_THERE]  # fmt: skip
    return _at(
        SUNSPEC_BASE,
        [0x5375, 0x6E53],
        common,
        [203, 105],
        _instant_203(power_w, volts, amps, hertz),
        _energy_203(energy_wh),
        [0xFFFF, 0],
    )


def _instant_203(power_w: float, volts: float, amps: float, hertz: float) -> list[int]:
    a_sf, w_sf = scale_for(amps * 3), scale_for(power_w)
    apparent = power_w / POWER_FACTOR
    reactive = sqrt(apparent**2 - power_w**2)

    def phases(total: float, scale: int) -> list[int]:
        return [*(int16(value, scale) for value in (total, total / 3, total / 3, total / 3)), scale & 0xFFFF]

    current = [int16(3 * amps, a_sf), *[int16(amps, a_sf)] * 3, a_sf & 0xFFFF]
    voltage = [*[int16(volts, 0)] * 4, *[int16(volts * sqrt(3), 0)] * 4, 0]
    frequency = [int16(hertz, -2), -2 & 0xFFFF]
    factor = [*[int16(POWER_FACTOR, -3)] * 4, -3 & 0xFFFF]
    power = phases(power_w, w_sf) + phases(apparent, scale_for(apparent)) + phases(reactive, scale_for(reactive))
    return current + voltage + frequency + power + factor


def _energy_203(energy_wh: float) -> list[int]:
    """Accumulators in kWh: exported ones are 0, which says that they are not kept."""
    kwh, third = uint32(energy_wh / 1000), uint32(energy_wh / 3000)
    imported = [*kwh, *third, *third, *third]
    active = [0] * 8 + imported + [3]
    apparent = [0] * 16 + [NOT_THERE]
    reactive = [0] * 32 + [NOT_THERE]
    return active + apparent + reactive + [0, 0]


def abb_b23(power_w: float, energy_wh: float, volts: float, amps: float, hertz: float) -> dict[int, int]:
    """Instantaneous values from 0x5B00, energies from 0x5000. Source: ABB B23/B24 user manual, chapter Modbus.

    V in 0.1, A and W in 0.01, Hz in 0.01, power factor in 0.001, energy in 0.01 kWh.
    """
    apparent = power_w / POWER_FACTOR
    reactive = sqrt(apparent**2 - power_w**2)
    line = uint32(volts * sqrt(3) * 10)
    words = [*uint32(volts * 10) * 3, *line * 3, *uint32(amps * 100) * 3, *uint32(0)]
    for total in (power_w, reactive, apparent):
        words += [*uint32(total * 100), *uint32(total / 3 * 100) * 3]
    words += [int16(hertz, -2), *[0] * 13, *[int16(POWER_FACTOR, -3)] * 4]
    energy = [*uint64(energy_wh / 10), *uint64(0), *uint64(energy_wh / 10)]
    return _at(ABB_INSTANT, words) | _at(ABB_ENERGY, energy)
