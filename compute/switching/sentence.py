"""One sentence for the duty manager: what is done when, what earns what, the gain, what would turn it over. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from compute.switching.explain import LEAST_MW, Explanation, Part
from compute.switching.inputs import Site
from compute.switching.words import dollars, power_text

MOST_NAMED: Final = 3
# Prices that differ by less are one price.
SAME_SHARE: Final = 0.02


def sentence(
    site: Site, told: Explanation, begins_at: datetime, places: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The explanation in words. begins_at: the first step's beginning, in the zone whose clock is to be shown. places:
    by unit, where the machines stand whose limits change."""
    start, end = (clock(site, step, begins_at) for step in (told.block.first, told.block.until))
    words = [f"{start}-{end} {deed(told, places)}: {earnings(told)}", f"gain {dollars(told.gain_usd)}"]
    if flips := borders(told):
        words.append("flips if " + " or ".join(flips))
    return "; ".join(words)


def clock(site: Site, step: int, begins_at: datetime) -> str:
    """Wall clock at the beginning of a step, over clock changes; with the day where it is another one."""
    elapsed = timedelta(hours=float(site.hours[:step].sum()))
    at = (begins_at.astimezone(UTC) + elapsed).astimezone(begins_at.tzinfo)
    return f"{at:%H:%M}" if at.date() == begins_at.date() else f"{at:%d %b %H:%M}"


def deed(told: Explanation, places: Mapping[str, str]) -> str:
    up = [part for part in told.parts if part.change_mw > 0]
    down = [part for part in told.parts if part.change_mw < 0]
    rise, fall = sum(part.change_mw for part in up), -sum(part.change_mw for part in down)
    words = [limit_words(part, places.get(part.unit, "")) for part in told.parts if part.limits]
    if words:
        up, down = ([part for part in side if not part.limits] for side in (up, down))
        rise, fall = sum(part.change_mw for part in up), -sum(part.change_mw for part in down)
    if up and down:
        words.append(f"move {power_text(min(rise, fall))} from {names(down)} to {names(up)}")
    elif down:
        words.append(f"take {power_text(fall)} off {names(down)}")
    elif up:
        words.append(f"give {power_text(rise)} to {names(up)}")
    if abs(told.stored_mw) > LEAST_MW:
        words.append(f"put {power_text(told.stored_mw)} into the battery" if told.stored_mw > 0
                     else f"take {power_text(-told.stored_mw)} out of the battery")  # fmt: skip
    return " and ".join(words) or "run the battery and the meter as planned"


def limit_words(part: Part, place: str) -> str:
    told = " and ".join(f"{one.modules:,} to {one.limit_w:,} W" for one in part.limits)
    verb = "limit" if part.limits[0].is_lower else "raise"
    where = f" in {place}" if place else ""
    return f"{verb} {part.unit}{where}: {told} ({power_text(part.change_mw, signed=True)})"


def names(parts: Sequence[Part]) -> str:
    """ "A", "A and B", "A, B and C", "A, B, C and 2 more"."""
    found = [part.unit for part in parts[:MOST_NAMED]]
    if len(parts) > MOST_NAMED:
        found.append(f"{len(parts) - MOST_NAMED} more")
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def earnings(told: Explanation) -> str:
    each = [earning(part) for part in told.parts[:MOST_NAMED]]
    return ", ".join([*each, f"power costs {dollars(told.power_usd_mwh)}/MWh{average(told)}"])


def earning(part: Part) -> str:
    if part.is_ai and abs(part.usd_per_mwh) < 0.5:
        return f"nobody asks for those {part.unit}"
    earner = f"those watts of {part.unit} earn" if part.is_of_limits else f"{part.unit} earns"
    return f"{earner} {dollars(part.usd_per_mwh)}/MWh"


def average(told: Explanation) -> str:
    """What the price begins with, where it does not stay."""
    return f" on average, {dollars(told.first_usd_mwh)} at first" if varies(told) else ""


def varies(told: Explanation) -> bool:
    return abs(told.first_usd_mwh - told.power_usd_mwh) > SAME_SHARE * abs(told.power_usd_mwh)


def borders(told: Explanation) -> list[str]:
    at = told.break_even
    found = [
        ("hashprice", at.hashprice_usd_per_ph_day, "/PH/day", told.above[0]),
        ("power", at.power_usd_mwh, "/MWh on average" if varies(told) else "/MWh", told.above[1]),
        ("AI", at.ai_usd_per_node_h, "/node-h", told.above[2]),
    ]
    return [
        f"{name} {'>' if above else '<'} {dollars(value, cents=True)}{unit}"
        for name, value, unit, above in found
        if value is not None
    ]
