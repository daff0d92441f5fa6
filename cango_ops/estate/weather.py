"""How warm it is at a site: season, time of day by the sun, weather, and a heat wave when one is rehearsed. Pure."""

from math import cos, pi, sin

import msgspec

from cango_ops.estate.chance import between

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S
WARMEST_DAY_S = 200 * DAY_S
WARMEST_HOUR_S = 15 * 3_600
WAVE_C = 14.0


class Climate(msgspec.Struct, frozen=True):
    """The constants of one site. mean_c over the year; season_c and day_c are half the spans."""

    mean_c: float
    season_c: float
    day_c: float
    noon_shift_s: float
    phase: float


def climate_of(latitude: float, longitude: float, key: int) -> Climate:
    """A plausible climate from the place alone: cooler and more seasonal away from the equator."""
    height = abs(latitude)
    return Climate(
        mean_c=30.5 - 0.33 * height + between(key, 1, -1.5, 1.5),
        season_c=(0.27 if latitude >= 0 else -0.27) * height,
        day_c=between(key, 2, 4.5, 8.0),
        noon_shift_s=longitude / 360.0 * DAY_S,
        phase=between(key, 3, 0.0, 2 * pi),
    )


def ambient_c(climate: Climate, t: float, wave: float = 0.0) -> float:
    """Outside temperature at Unix time `t`. wave: 0 to 1, how far a heat wave has come."""
    season = climate.season_c * cos(2 * pi * (t % YEAR_S - WARMEST_DAY_S) / YEAR_S)
    day = climate.day_c * cos(2 * pi * ((t + climate.noon_shift_s) % DAY_S - WARMEST_HOUR_S) / DAY_S)
    weather = 2.5 * sin(t / 190_000 + climate.phase) + 1.2 * sin(t / 41_000 + 3 * climate.phase)
    return climate.mean_c + season + day + weather + WAVE_C * wave
