"""Which places a scan tries, in an order that stays the same, so that it can go on where it stopped. Pure."""

from collections.abc import Collection, Iterator, Sequence
from ipaddress import ip_address
from itertools import islice
from typing import NamedTuple

from cango_ops.base.switchboard.reach import Network, Span


class Stretch(NamedTuple):
    """All addresses of a network at one port."""

    network: Network
    port: int

    @property
    def size(self) -> int:
        return self.network.num_addresses


def stretches(allowed: Sequence[tuple[Network, tuple[Span, ...]]], spoken: Collection[int]) -> list[Stretch]:
    """Only ports at which some language is spoken are tried."""
    return [
        Stretch(network, port)
        for network, ports in allowed
        for port in sorted(spoken)
        if any(low <= port <= high for low, high in ports)
    ]


def total(planned: Sequence[Stretch]) -> int:
    return sum(stretch.size for stretch in planned)


def places(planned: Sequence[Stretch], skip: int) -> Iterator[tuple[str, int]]:
    """(address, port) of each place from number `skip` on."""
    for stretch in planned:
        if skip >= stretch.size:
            skip -= stretch.size
            continue
        first = int(stretch.network.network_address)
        for number in islice(range(stretch.size), skip, None):
            address = ip_address(first + number) if stretch.network.version == 4 else stretch.network[number]
            yield str(address), stretch.port
        skip = 0
