"""Power limits that a tier may be given: those that machines of its model and language were measured under.

Measured at the site itself; a limit that was never run here may be taken from another site, as the share of full power
and hashrate that it left there. Nothing is taken from a sheet, and nothing is drawn between two measurements.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from compute.models import PowerMode
from compute.telemetry.power_modes import weight
from sites.models import Site

LEAST_MINUTES: Final = 180.0
LEAST_MACHINES: Final = 3
# Limits nearer than this are one: machines of two bins differ by as much.
SAME: Final = 0.03
# A machine that draws more than its limit does not obey it.
OBEYS: Final = 1.05
# A mode is worth a place when it hashes so much more than its neighbours mixed.
LEAST_BEND: Final = 0.005
# Full power among them: each more costs the solver as much as a tier.
MOST_RUNGS: Final = 3

Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Rung:
    """One limit. power_w, hashrate_ths: of one machine. minutes: machine-minutes, old ones counted less.

    site: the code of the site where it was measured.
    """

    limit_w: int
    power_w: float
    hashrate_ths: float
    machines: int
    minutes: float
    until_at: datetime
    site: str

    @property
    def is_good(self) -> bool:
        enough = self.minutes >= LEAST_MINUTES and self.machines >= LEAST_MACHINES
        return enough and self.hashrate_ths > 0 and 0 < self.power_w <= OBEYS * self.limit_w


Rungs: TypeAlias = tuple[Rung, ...]


@dataclass(frozen=True)
class Ladder:
    """Rungs by power, the weakest first; the last is full power."""

    rungs: Rungs

    @property
    def full(self) -> Rung:
        return self.rungs[-1]

    def nearest(self, limit_w: int | None) -> int:
        """The rung of a machine that stands under such a limit; of one that says none the last."""
        if limit_w is None:
            return len(self.rungs) - 1
        return min(range(len(self.rungs)), key=lambda at: abs(self.rungs[at].limit_w - limit_w))


def ladders(site: Site, keys: Collection[Key], now: datetime) -> dict[Key, Ladder]:
    """By model and language, of those that have more than one rung."""
    models = {model for model, _ in keys}
    by_key: dict[Key, dict[str, list[Rung]]] = defaultdict(lambda: defaultdict(list))
    for row in PowerMode.objects.filter(model__in=models).select_related("site"):
        found = rung_of(row, now)
        if found.is_good and (row.model, row.language) in keys:
            by_key[row.model, row.language][found.site].append(found)
    made = {key: ladder_of(site.code, by_site) for key, by_site in by_key.items()}
    return {key: ladder for key, ladder in made.items() if ladder is not None}


def rung_of(row: PowerMode, now: datetime) -> Rung:
    minutes = row.minutes * weight(row.until_at, now)
    return Rung(row.limit_w, row.power_w, row.hashrate_ths, row.machines, minutes, row.until_at, row.site.code)


def ladder_of(code: str, by_site: Mapping[str, Sequence[Rung]]) -> Ladder | None:
    own = joined(by_site.get(code, ()))
    if not own:
        return None
    full = own[-1]
    rungs = hull((*own[:-1], *borrowed(code, own, by_site), full))
    return Ladder(rungs) if len(rungs) > 1 else None


def joined(rungs: Iterable[Rung]) -> Rungs:
    """Limits that are nearly the same as one, named by the one that was run most."""
    found: list[list[Rung]] = []
    for rung in sorted(rungs, key=lambda one: one.limit_w):
        if found and is_near(rung.limit_w, found[-1][0].limit_w):
            found[-1].append(rung)
        else:
            found.append([rung])
    return tuple(mean_of(group) for group in found)


def is_near(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(one, other)


def mean_of(rungs: Sequence[Rung]) -> Rung:
    if len(rungs) == 1:
        return rungs[0]
    most = max(rungs, key=lambda one: one.minutes)
    minutes = sum(one.minutes for one in rungs)
    return replace(
        most,
        power_w=sum(one.power_w * one.minutes for one in rungs) / minutes,
        hashrate_ths=sum(one.hashrate_ths * one.minutes for one in rungs) / minutes,
        minutes=minutes,
        machines=sum(one.machines for one in rungs),
        until_at=max(one.until_at for one in rungs),
    )


def borrowed(code: str, own: Rungs, by_site: Mapping[str, Sequence[Rung]]) -> Rungs:
    """Limits that were never run here, from the sites that ran them longest, in shares of their own full power."""
    full, found = own[-1], list(own)
    sites = sorted(by_site.items(), key=lambda one: -sum(rung.minutes for rung in one[1]))
    for there in (joined(rungs) for name, rungs in sites if name != code):
        if not is_near(there[-1].limit_w, full.limit_w):
            continue
        for rung in there[:-1]:
            if not any(is_near(rung.limit_w, one.limit_w) for one in found):
                found.append(scaled(rung, full, there[-1]))
    return tuple(found[len(own) :])


def scaled(rung: Rung, full: Rung, there: Rung) -> Rung:
    power_w = full.power_w * rung.power_w / there.power_w
    return replace(rung, power_w=power_w, hashrate_ths=full.hashrate_ths * rung.hashrate_ths / there.hashrate_ths)


def hull(rungs: Rungs) -> Rungs:
    """Without those that mixing their neighbours, or some at rest and some at full power, does as well."""
    full = rungs[-1]
    found = [*sorted((one for one in rungs[:-1] if one.power_w < full.power_w * (1 - SAME)), key=power_of), full]
    while len(found) > 1:
        least = min(range(len(found) - 1), key=lambda at: bend(found, at))
        if bend(found, least) >= LEAST_BEND and len(found) <= MOST_RUNGS:
            break
        del found[least]
    return tuple(found)


def power_of(rung: Rung) -> float:
    return rung.power_w


def bend(rungs: Sequence[Rung], at: int) -> float:
    """How much more a rung hashes than its neighbours mixed at its power, as a share; below the first is rest."""
    one, above = rungs[at], rungs[at + 1]
    power_w, hashrate_ths = (rungs[at - 1].power_w, rungs[at - 1].hashrate_ths) if at else (0.0, 0.0)
    share = (one.power_w - power_w) / max(above.power_w - power_w, 1e-9)
    mixed = hashrate_ths + share * (above.hashrate_ths - hashrate_ths)
    return one.hashrate_ths / max(mixed, 1e-9) - 1.0
