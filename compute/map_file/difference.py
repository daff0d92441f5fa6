"""What a file would change on a site's map: added, changed, moved, removed. Pure.

A machine that moved is known by its serial number, else by a MAC that no other line shows, else by its address.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping

import msgspec

from compute.map_file.plan import Box, Place
from compute.scanning.identity import shared_macs

Key = tuple[str, int]
NAMES = ("address", "port", "language", "model", "serial", "mac")


class Change(msgspec.Struct, frozen=True):
    """One line of the difference. kind: added, changed, moved or removed."""

    kind: str
    place: str
    words: str


class Difference(msgspec.Struct, frozen=True):
    """changes: in the order of places.   boxes: what becomes of containers, in words."""

    changes: list[Change]
    boxes: list[str]

    def count(self, kind: str) -> int:
        return sum(one.kind == kind for one in self.changes)

    @property
    def counts(self) -> dict[str, int]:
        return {kind: self.count(kind) for kind in ("added", "changed", "moved", "removed")}

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.boxes


def difference(
    boxes: Mapping[str, Box], standing: Mapping[Key, Place], new_boxes: Mapping[str, Box], wanted: Mapping[Key, Place]
) -> Difference:
    moves = moved(standing, wanted)
    came_from = {new: old for old, new in moves.items()}
    changes = []
    for key in sorted(standing.keys() | wanted.keys()):
        old, new = standing.get(key), wanted.get(key)
        if new is not None and key in came_from:
            changes.append(Change("moved", words_of(key), f"from {words_of(came_from[key])}, now {told(new)}"))
        elif new is not None and old is None:
            changes.append(Change("added", words_of(key), told(new)))
        elif new is not None and old is not None and (said := changed(old, new)):
            changes.append(Change("changed", words_of(key), said))
        elif old is not None and new is None and key not in moves:
            changes.append(Change("removed", words_of(key), told(old)))
    return Difference(changes, box_words(boxes, new_boxes))


def moved(standing: Mapping[Key, Place], wanted: Mapping[Key, Place]) -> dict[Key, Key]:
    """Old place to new place of each machine that left its place for another."""
    shared = shared_macs(standing.values()) | shared_macs(wanted.values())
    found: dict[Key, Key] = {}
    taken: set[Key] = set()
    names: tuple[Callable[[Place], Hashable], ...] = (
        lambda one: one.serial.upper() or None,
        lambda one: one.mac if one.mac and one.mac not in shared else None,
        lambda one: (one.address, one.port, one.language, one.model),
    )
    for name in names:
        before, after = index(standing, name), index(wanted, name)
        for value in before.keys() & after.keys():
            old, new = before[value], after[value]
            if old != new and old not in found and new not in taken and not differ(standing[old], wanted[new]):
                found[old] = new
                taken.add(new)
    return found


def index(places: Mapping[Key, Place], name: Callable[[Place], Hashable]) -> dict[Hashable, Key]:
    return {value: key for key, one in places.items() if (value := name(one)) is not None}


def differ(one: Place, other: Place) -> bool:
    """Whether their serial numbers say that these are two machines."""
    return bool(one.serial and other.serial and one.serial.upper() != other.serial.upper())


def changed(old: Place, new: Place) -> str:
    """What becomes different in a place; an identity that the line leaves open stays."""
    said = [
        f"{name} {getattr(old, name) or 'none'} -> {getattr(new, name) or 'none'}"
        for name in NAMES
        if getattr(old, name) != getattr(new, name) and not (name in ("serial", "mac") and not getattr(new, name))
    ]
    return ", ".join(said)


def box_words(old: Mapping[str, Box], new: Mapping[str, Box]) -> list[str]:
    said = [f"{code} is added: {shape(new[code])}" for code in sorted(new.keys() - old.keys())]
    said += [f"{code} is removed" for code in sorted(old.keys() - new.keys())]
    both = sorted(old.keys() & new.keys())
    return said + [f"{code}: {shape(old[code])} -> {shape(new[code])}" for code in both if old[code] != new[code]]


def shape(box: Box) -> str:
    return f"{box.kind}, {box.rows} x {box.columns}"


def words_of(key: Key) -> str:
    return f"{key[0]}/{key[1]}"


def told(one: Place) -> str:
    said: Iterable[str] = (f"{one.address}:{one.port}", one.language, one.model, one.serial or one.mac)
    return " ".join(word for word in said if word)
