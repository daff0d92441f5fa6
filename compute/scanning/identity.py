"""Whether two things seen are one and the same machine. Pure.

The serial number decides where both sides have one. Else the MAC address does, if the models do not contradict and
nobody else shows the same MAC: cloned firmware and control boards give many machines one address. Else nobody knows.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Protocol

from compute.protocols import catalog


class Named(Protocol):
    """What identity is told by; empty is not said."""

    @property
    def model(self) -> str: ...
    @property
    def mac(self) -> str: ...
    @property
    def serial(self) -> str: ...


def shared_macs(everybody: Iterable[Named]) -> frozenset[str]:
    """MAC addresses that more than one machine shows at the same time."""
    counts = Counter(one.mac.upper() for one in everybody if one.mac)
    return frozenset(mac for mac, count in counts.items() if count > 1)


def is_same(one: Named, other: Named, shared: Collection[str] = ()) -> bool | None:
    """None where what they say does not tell."""
    if one.serial and other.serial:
        return one.serial.upper() == other.serial.upper()
    if one.mac and other.mac and one.mac.upper() not in shared and other.mac.upper() not in shared:
        return one.mac.upper() == other.mac.upper() and not contradict(one.model, other.model)
    if contradict(one.model, other.model):
        return False
    return None


def contradict(one: str, other: str) -> bool:
    """Whether these are names of different models; names that the catalog does not know contradict nothing."""
    first, second = (catalog.find(name) if name else None for name in (one, other))
    return first is not None and second is not None and first != second
