"""What a scan saw against what the map says: found, known, moved, swapped, vanished, refused. Pure."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from compute.scanning.identity import is_same, shared_macs
from compute.scanning.who import Seen, kin


class Kind(StrEnum):
    """What became of a machine."""

    FOUND = "found"  # answers, and is not on the map
    KNOWN = "known"  # stands where the map says
    MOVED = "moved"  # of the map, at another address now
    SWAPPED = "swapped"  # another machine than before at an address of the map
    VANISHED = "vanished"  # on the map, and nobody answers there
    REFUSED = "refused"  # answers, and is no machine that we know


class Standing(msgspec.Struct, frozen=True):
    """A machine of the map. place: CONTAINER/SLOT.   mac, serial, model: what it last said, else the map's model."""

    device_id: int
    place: str
    address: str
    port: int
    language: str
    model: str = ""
    mac: str = ""
    serial: str = ""


class Finding(msgspec.Struct, frozen=True):
    """One line of the result. standing: None of whoever is not on the map.
    seen: who answers there; of whoever has vanished, what else does, or None."""

    kind: Kind
    seen: Seen | None = None
    standing: Standing | None = None


def findings(everybody: Sequence[Seen], standing: Sequence[Standing]) -> list[Finding]:
    """One finding for each machine seen and each machine of the map, in the order of `Kind`."""
    machines = [one for one in everybody if not one.refused]
    shared = shared_macs(machines) | shared_macs(standing)
    at = {(one.address, one.port): one for one in machines}
    known, swapped, silent = _at_home(standing, at, shared)
    at_home = {one.seen for one in known}
    moved = _moved([*silent, *(old for old, _ in swapped)], [one for one in machines if one not in at_home], shared)
    claimed = {one.seen for one in moved}
    left = {one.standing.device_id for one in moved if one.standing}
    at_old = {new for _, new in swapped}
    result = [Finding(Kind.FOUND, one) for one in machines if one not in at_home | claimed | at_old]
    result += known + moved
    for old, new in swapped:
        result += _of_swapped(old, new, has_left=old.device_id in left, is_claimed=new in claimed)
    others = {(one.address, one.port): one for one in everybody if one.refused}
    for gone in silent:
        if gone.device_id not in left:
            result.append(Finding(Kind.VANISHED, others.pop((gone.address, gone.port), None), gone))
    result += [Finding(Kind.REFUSED, one) for one in others.values()]
    order = list(Kind)
    return sorted(result, key=lambda one: order.index(one.kind))


def _of_swapped(old: Standing, new: Seen, *, has_left: bool, is_claimed: bool) -> list[Finding]:
    """Of a place at whose address another machine answers. has_left: the old one was seen elsewhere.
    is_claimed: the new one is a machine of another place of the map."""
    if has_left:
        return [] if is_claimed else [Finding(Kind.FOUND, new)]
    return [Finding(Kind.VANISHED, None, old)] if is_claimed else [Finding(Kind.SWAPPED, new, old)]


def _at_home(
    standing: Sequence[Standing], at: dict[tuple[str, int], Seen], shared: frozenset[str]
) -> tuple[list[Finding], list[tuple[Standing, Seen]], list[Standing]]:
    """Those known again at their address, those at whose address another one answers, those where nobody does."""
    known, swapped, silent = [], [], []
    for one in standing:
        there = at.get((one.address, one.port))
        if there is None:
            silent.append(one)
        elif is_still(one, there, shared):
            known.append(Finding(Kind.KNOWN, there, one))
        else:
            swapped.append((one, there))
    return known, swapped, silent


def is_still(one: Standing, there: Seen, shared: frozenset[str]) -> bool:
    """Whether nothing speaks against its being the same machine."""
    same = is_same(one, there, shared)
    return same if same is not None else kin(one.language, there.language)


def _moved(missing: Sequence[Standing], strangers: Sequence[Seen], shared: frozenset[str]) -> list[Finding]:
    found = []
    free = list(strangers)
    for one in missing:
        same = [other for other in free if is_same(one, other, shared)]
        if len(same) == 1:
            free.remove(same[0])
            found.append(Finding(Kind.MOVED, same[0], one))
    return found
