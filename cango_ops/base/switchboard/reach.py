"""Where the calls of a site may lead: address ranges, each with its ports. Pure.

What is checked is the number that will be connected to, spelt in the one way that the operating system reads without
asking anybody: no name is ever resolved, and 0x7f000001, 2130706433, 0177.0.0.1, 127.1, "127.0.0.1." or a mapped
::ffff:127.0.0.1 are no addresses here. Some places are for no machine, whatever a range says.
"""

import socket
from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

import msgspec

Network = IPv4Network | IPv6Network
Span = tuple[int, int]

# Source: IANA's special-purpose address registries; the instance metadata addresses of AWS, Alibaba and Oracle.
NEVER = {
    "0.0.0.0/8": "no address of a machine",
    "169.254.0.0/16": "link-local: instance metadata",
    "100.100.100.200/32": "instance metadata",
    "192.0.0.0/24": "kept for protocols: instance metadata",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved, broadcast",
    "::/96": "no address of a machine",
    "::ffff:0:0/96": "IPv4 in disguise",
    "64:ff9b::/96": "IPv4 in disguise",
    "64:ff9b:1::/48": "IPv4 in disguise",
    "2001::/32": "IPv4 in disguise",
    "2002::/16": "IPv4 in disguise",
    "fd00:ec2::254/128": "instance metadata",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
# So many answers of a site are kept, about 10 MB: its machines are asked each minute, its ranges seldom change.
MOST_JUDGED = 65_536
HOME6 = (1, 1)  # ::1, the one address of ::/96 that may be allowed


class Range(msgspec.Struct, frozen=True):
    """One range. bits: 32 or 128.   span: its first and last address.   ports: spans of ports."""

    bits: int
    span: Span
    ports: tuple[Span, ...]


def span_of(network: Network) -> tuple[int, Span]:
    return network.max_prefixlen, (int(network.network_address), int(network.broadcast_address))


def _in_order(bits: int) -> tuple[list[int], list[int], list[str]]:
    """First addresses, last addresses and reasons of what is never asked, in the order of the numbers."""
    spans = sorted((*span_of(ip_network(text)), why) for text, why in NEVER.items())
    low_high_why = [(*span, why) for b, span, why in spans if b == bits]
    lows, highs, whys = zip(*low_high_why, strict=True)
    return list(lows), list(highs), list(whys)


_NEVER = {bits: _in_order(bits) for bits in (32, 128)}


def place_of(address: str) -> tuple[int, int] | None:
    """(bits, number) of a literal address, or None for whatever else is said."""
    family, bits = (socket.AF_INET6, 128) if ":" in address else (socket.AF_INET, 32)
    try:
        return bits, int.from_bytes(socket.inet_pton(family, address), "big")
    except (OSError, ValueError):
        return None


def never(bits: int, number: int) -> str:
    """Why no machine is ever asked there; empty where one may be."""
    if (bits, (number, number)) == (128, HOME6):
        return ""
    lows, highs, whys = _NEVER[bits]
    below = bisect_right(lows, number) - 1
    return whys[below] if below >= 0 and number <= highs[below] else ""


def judged(address: str) -> tuple[int, int, str]:
    """(bits, number, why it is never asked); the last one is empty where a range decides."""
    place = place_of(address)
    if place is None:
        return 0, 0, "is no literal address"
    why = never(*place)
    return (*place, f"is not for machines: {why}" if why else "")


class Reach(msgspec.Struct, frozen=True, eq=False):
    """The ranges of one site; without any, nothing is reached. Two of the same ranges are equal.

    judged: what was said of an address and port before.
    """

    ranges: tuple[Range, ...] = ()
    judged: dict[tuple[str, int], str] = msgspec.field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reach) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    def refusal(self, address: str, port: int) -> str:
        """Why the address is not connected to; empty where it may be."""
        place = (address, port)
        said = self.judged.get(place)
        if said is None:
            if len(self.judged) >= MOST_JUDGED:
                self.judged.clear()
            said = self.judged[place] = self._judge(address, port)
        return said

    def _judge(self, address: str, port: int) -> str:
        bits, number, why = judged(address)
        if why:
            return why
        inside = [one for one in self.ranges if one.bits == bits and one.span[0] <= number <= one.span[1]]
        if any(first <= port <= last for one in inside for first, last in one.ports):
            return ""
        return f"is not allowed at port {port}" if inside else "is outside the site's address ranges"


NOWHERE = Reach()


def reach_of(ranges: Iterable[tuple[Network, tuple[Span, ...]]]) -> Reach:
    return Reach(tuple(Range(*span_of(network), ports) for network, ports in ranges))


def reach_to(address: str, port: int) -> Reach:
    """One address and port, and nothing else."""
    place = place_of(address)
    return Reach((Range(place[0], (place[1], place[1]), ((port, port),)),)) if place else NOWHERE
