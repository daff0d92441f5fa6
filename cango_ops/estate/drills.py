"""Rehearsals of what goes wrong: which one is on, where, and until when."""

from typing import Final

import msgspec

from cango_ops.estate.chance import unit

# name: what it does to the estate
DRILLS: Final = {
    "link-lost": "a site's addresses stop answering, its meter too",
    "heat-wave": "14 degrees warmer outside, coming up over five minutes",
    "price-spike": "the real-time power price of a market goes to forty times its level",
    "pool-down": "the first pool is dead: machines go to their second, the pool's API answers 503",
    "firmware-garbage": "three machines in ten answer with what is not their language",
    "gpu-failure": "one GPU node in three reports XID 79 and stops serving",
    "meter-gone": "a site's meter takes connections and says nothing",
}
RISE_S: Final = 300.0
KEPT_S: Final = 86_400.0
HIT_SHARES: Final = {"firmware-garbage": 0.3, "gpu-failure": 0.34}


class Drill(msgspec.Struct, frozen=True):
    """One rehearsal. site: None for all of them. key: deals who is hit."""

    name: str
    site: str | None
    start_at: float
    end_at: float

    def covers(self, site: str, t: float) -> bool:
        return self.start_at <= t < self.end_at and self.site in (None, site)


class Drills:
    """The rehearsals that are on, and those of the last day that are over: what a market asked then stays asked."""

    def __init__(self) -> None:
        self.drills: list[Drill] = []

    def start(self, name: str, site: str | None, now: float, minutes: float) -> Drill:
        if name not in DRILLS:
            raise ValueError(f"no drill named {name!r}; there are: {', '.join(DRILLS)}")
        drill = Drill(name, site, now, now + minutes * 60)
        same = [other for other in self.on(now) if (other.name, other.site) == (name, site)]
        self.drills = [other for other in self.drills if other not in same]
        self.drills.append(drill)
        return drill

    def end(self, site: str | None) -> int:
        """Ends every drill, or those of one site; returns how many."""
        kept = [] if site is None else [drill for drill in self.drills if drill.site != site]
        ended = len(self.drills) - len(kept)
        self.drills = kept
        return ended

    def on(self, t: float) -> list[Drill]:
        self.drills = [drill for drill in self.drills if drill.end_at > t - KEPT_S]
        return [drill for drill in self.drills if drill.end_at > t]

    def is_on(self, name: str, site: str, t: float) -> bool:
        if not self.drills:
            return False
        return any(drill.name == name and drill.covers(site, t) for drill in self.drills)

    def level(self, name: str, site: str, t: float) -> float:
        """How far a drill has come, from 0 to 1 within five minutes."""
        levels = [(t - d.start_at) / RISE_S for d in self.drills if d.name == name and d.covers(site, t)]
        return min(1.0, max(levels, default=0.0))

    def hits(self, name: str, site: str, key: int, t: float) -> bool:
        """Whether the drill has picked the machine of this key."""
        return self.is_on(name, site, t) and unit(key, 900) < HIT_SHARES[name]
