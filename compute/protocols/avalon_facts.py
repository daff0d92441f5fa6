"""What Canaan Avalon says of itself in one string, `Key[value] Key[v v v]`: the facts, the model, the watts.

Which place of PS[] is the power at the wall depends on the model, so it is checked against MPO[], the limit.
"""

import re

from compute.protocols import fields

MAX_STATE_TEXT = 1 << 16

Facts = dict[str, str]

_MODEL_AND_MONTH = re.compile(r"[6-9]\d{2}1[5-9](?:0[1-9]|1[0-2])")
# The places in PS[] of the watts at the wall, by model; others are found by the limit.
WATT_PLACES = {"1246": (4,), "q": (4, 6), "1566": (6,), "15": (6,), "nano3s": (6,), "nano3": (5, 6), "mini3": (6,)}
SMALL = ("nano3", "nano3s", "mini3")
MAX_SMALL_W = 1_000


def facts_of(said: str) -> Facts:
    """Key to value of `Key[value] Key[v v v]`."""
    facts: Facts = {}
    for part in said[:MAX_STATE_TEXT].split("]")[:-1]:
        key, bracket, value = part.partition("[")
        if bracket:
            facts[key.rpartition("{")[2].strip()] = value.strip()
    return facts


def numbers(facts: Facts, key: str) -> list[float]:
    """The numbers of one value, none where the key is missing."""
    read = [fields.number(part) for part in facts.get(key, "").split()[:512]]
    return [value for value in read if value is not None]


def one(facts: Facts, *keys: str) -> float | None:
    """The first number of the first key that has one."""
    for key in keys:
        words = facts.get(key, "").split(None, 1)
        if words and (read := fields.number(words[0])) is not None:
            return read
    return None


def model_of(facts: Facts) -> str | None:
    """The part of Ver[] before the first hyphen: "1246", "Nano3s", "Q"; of "7411706", a model and a month, "741"."""
    said = facts.get("Ver", "").partition("-")[0]
    return fields.text(said[:3] if _MODEL_AND_MONTH.fullmatch(said) else said)


def power_of(facts: Facts, limit: float | None) -> float | None:
    """The watts at the wall of PS[]; None where neither the model nor the limit tells the place.

    Seen: A1246 [0 1214 1316 242 3189 1320 3504] with MPO 3200; Q [0 1221 2421 66 1598 2422 1670] with MPO 1600;
    Nano 3S [0 0 27541 4 0 3756 133] with MPO 133; Mini 3 [0 1218 2091 36 755 2090 839], whose supply gives the 755.
    A10's manual: [.. volts/100, amperes, watts ..]: a place 4 that is the product of 2 and 3 holds watts whatever the
    model. A place 5 like place 2 holds volts; of a machine that sleeps nothing else comes near the limit, and place 6
    is what it still draws.
    """
    wall = one(facts, "WALLPOWER")
    if wall is not None:
        return fields.watts(wall)
    supply, model = numbers(facts, "PS"), (model_of(facts) or "").lower()
    if model in WATT_PLACES:
        most = MAX_SMALL_W if model in SMALL else fields.MAX_POWER_W
        said = [supply[at] for at in WATT_PLACES[model] if at < len(supply) and 0 <= supply[at] <= most]
        return next((watts for watts in said if watts > 0), said[0] if said else None)
    has_volts = len(supply) > 6 and abs(supply[5] - supply[2]) < 0.02 * supply[2]
    told = [supply[4], supply[6]] if has_volts else supply[4:7]
    near = [watts for watts in told if limit and 0.3 * limit <= watts <= 1.15 * limit]
    if near:
        return min(near, key=lambda watts: abs(watts - (limit or 0)))
    if has_volts and one(facts, "SoftOFF"):
        return fields.watts(supply[6])
    product = supply[2] * supply[3] / 100 if len(supply) >= 6 else 0
    return fields.watts(supply[4]) if product > 0 and abs(supply[4] - product) < 0.03 * product else None
