"""Which pools a machine is set to and which one it works for now."""

from typing import Final

from cango_ops.estate.machine import Machine

FIRST: Final = "stratum+tcp://stratum.braiins.com:3333"
SECOND: Final = "stratum+tcp://btc.f2pool.com:1314"
THIRD: Final = "stratum+tcp://btc.global.luxor.tech:700"
SITE_POOLS: Final = (FIRST, SECOND, THIRD)
SHARE_DIFFICULTY: Final = 262_144


def pools_of(machine: Machine) -> list[dict[str, str]]:
    """(url, user, pass) of each, in order of priority; what a command has set, else the site's own three."""
    if machine.control is not None and machine.control.pools is not None:
        return machine.control.pools
    user = f"{machine.site.site.operator.lower()}.{worker_of(machine.place)}"
    return [{"url": url, "user": user, "pass": "x"} for url in SITE_POOLS]


def pool_count(machine: Machine) -> int:
    """How many there are."""
    return len(SITE_POOLS) if machine.control is None else len(pools_of(machine))


def worker_of(place: str) -> str:
    """One worker per container: `maconc01` for the machine `macon.c01s007`."""
    site, _, slot = place.partition(".")
    return site + slot.rpartition("s")[0]


def active_pool(machine: Machine, t: float) -> int:
    """The place of the pool it works for: the first, or the second while the first is dead."""
    return 1 if machine.site.is_drilled("pool-down", t) else 0


def host_of(url: str) -> str:
    return url.removeprefix("stratum+tcp://").rsplit(":", 1)[0]


def pool_state(machine: Machine, number: int, t: float) -> str:
    return "Dead" if number == 0 and machine.site.is_drilled("pool-down", t) else "Alive"
