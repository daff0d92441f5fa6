"""Is the sun up at a place, and how high? Pure.

Good to a few minutes, which is what a mark for day or night asks for.
Source: NOAA, General Solar Position Calculations (fractional year, equation of time, declination, hour angle).
"""

from datetime import UTC, datetime
from math import cos, pi, radians, sin


def is_day(latitude: float, longitude: float, moment: datetime) -> bool:
    """True where the sun's centre stands above the horizon. Degrees, north and east positive."""
    return sun_height(latitude, longitude, moment) > 0


def sun_height(latitude: float, longitude: float, moment: datetime) -> float:
    """Sine of the sun's height over the horizon, 1 straight above. Degrees, north and east positive."""
    utc = moment.astimezone(UTC)
    hours = utc.hour + utc.minute / 60
    year = 2 * pi / 365 * (utc.timetuple().tm_yday - 1 + (hours - 12) / 24)
    declination = (
        0.006918 - 0.399912 * cos(year) + 0.070257 * sin(year) - 0.006758 * cos(2 * year) + 0.000907 * sin(2 * year)
    )  # fmt: skip
    late_min = 229.18 * (
        0.000075 + 0.001868 * cos(year) - 0.032077 * sin(year) - 0.014615 * cos(2 * year) - 0.040849 * sin(2 * year)
    )  # fmt: skip
    hour_angle = radians((hours * 60 + late_min + 4 * longitude) / 4 - 180)
    here = radians(latitude)
    return sin(here) * sin(declination) + cos(here) * cos(declination) * cos(hour_angle)
