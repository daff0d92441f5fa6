"""The address ranges of a site: what the collector may connect to there, and who may change it.

A range is refused where it overlaps another site's, because one site's managers must not reach another's machines; a
person stays inside CANGO_MACHINE_NETWORKS too, while the command line, which is the installation's owner, need not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_network

from django.conf import settings
from django.db import connection, transaction

from cango_ops.base import audit
from cango_ops.base.models import User
from cango_ops.base.switchboard.reach import NOWHERE, Network, Reach, Span, never, reach_of
from sites.models import AddressRange, Site

MOST_RANGES = 64
MOST_PORTS = 32
WIDEST = {4: 16, 6: 112}
# Any constant will do: it names the one lock under which ranges of different sites are compared.
LOCK = 4_202_002


class RangesRefused(ValueError):
    """Says which line is wrong, and why."""


@dataclass(frozen=True)
class Allowed:
    """One range, read."""

    network: Network
    ports: tuple[Span, ...]

    def __str__(self) -> str:
        words = (str(low) if low == high else f"{low}-{high}" for low, high in self.ports)
        return f"{self.network} {' '.join(words)}"


def parse(text: str) -> list[Allowed]:
    """Lines such as `10.20.0.0/22 80 4028 9400-9410`. Raises RangesRefused."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > MOST_RANGES:
        raise RangesRefused(f"At most {MOST_RANGES} ranges.")
    found = [parse_line(f"Line {number}", line) for number, line in lines]
    for at, one in enumerate(found):
        if any(overlap(one.network, other.network) for other in found[:at]):
            raise RangesRefused(f"{one.network} overlaps another line.")
    return found


def parse_line(where: str, line: str) -> Allowed:
    address, *ports = line.replace(",", " ").split() or [""]
    try:
        network = ip_network(address)
    except ValueError as error:
        raise RangesRefused(f"{where}: {address[:60]} is no range such as 10.20.0.0/22 ({error}).") from None
    if network.prefixlen < WIDEST[network.version]:
        raise RangesRefused(f"{where}: {network} is wider than /{WIDEST[network.version]}.")
    if why := next(filter(None, map(why_never, (network.network_address, network.broadcast_address))), ""):
        raise RangesRefused(f"{where}: {network} is not for machines: {why}.")
    if not 0 < len(ports) <= MOST_PORTS:
        raise RangesRefused(f"{where}: name 1 to {MOST_PORTS} ports behind {network}.")
    return Allowed(network, tuple(sorted(span(where, word) for word in ports)))


def why_never(address: IPv4Address | IPv6Address) -> str:
    return never(address.max_prefixlen, int(address))


def span(where: str, word: str) -> Span:
    first, _, last = word.partition("-")
    low, high = (int(one) if one.isdecimal() and len(one) < 6 else 0 for one in (first, last or first))
    if not 0 < low <= high < 65536:
        raise RangesRefused(f"{where}: {word[:20]} is no port from 1 to 65535, nor a span such as 9400-9410.")
    return low, high


def overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def of_site(site: Site) -> list[Allowed]:
    return [stored(row) for row in AddressRange.objects.filter(site=site)]


def stored(row: AddressRange) -> Allowed:
    """What was checked when it was written."""
    return parse_stored(str(row))


def parse_stored(line: str) -> Allowed:
    network, *ports = line.split()
    return Allowed(ip_network(network), tuple(span(network, word) for word in ports))


def mark(allowed: Sequence[Allowed]) -> str:
    """Tells whether the ranges are still those that somebody looked at."""
    return sha256("\n".join(map(str, allowed)).encode()).hexdigest()[:16]


def reaches(site_ids: Collection[int]) -> defaultdict[int, Reach]:
    """By site; a site without ranges reaches nowhere."""
    found: defaultdict[int, list[Allowed]] = defaultdict(list)
    for row in AddressRange.objects.filter(site__in=site_ids):
        found[row.site_id].append(stored(row))
    by_site = {pk: reach_of((one.network, one.ports) for one in rows) for pk, rows in found.items()}
    return defaultdict(lambda: NOWHERE, by_site)


@transaction.atomic
def replace(actor: User | str, site: Site, wanted: Sequence[Allowed], looked_at: str | None = None) -> bool:
    """Makes the site's ranges these; False where they are so already. looked_at: the mark of what was changed.

    actor: a person stays inside the networks of the installation. Raises RangesRefused.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    standing = of_site(site)
    if looked_at is not None and looked_at != mark(standing):
        raise RangesRefused("Somebody has changed the ranges meanwhile; look at them again.")
    if list(map(str, wanted)) == list(map(str, standing)):
        return False
    check(site, wanted, standing, bounded=isinstance(actor, User))
    AddressRange.objects.filter(site=site).delete()
    AddressRange.objects.bulk_create(
        AddressRange(site=site, network=str(one.network), ports=str(one).partition(" ")[2]) for one in wanted
    )
    told: dict[str, object] = {"before": list(map(str, standing)), "after": list(map(str, wanted))}
    audit.record(actor, "set_ranges", f"site/{site.code}", told)
    return True


def check(site: Site, wanted: Iterable[Allowed], standing: Iterable[Allowed], *, bounded: bool) -> None:
    others = [ip_network(text) for text in AddressRange.objects.exclude(site=site).values_list("network", flat=True)]
    stood = {one.network for one in standing}
    for one in wanted:
        if any(overlap(one.network, other) for other in others):
            raise RangesRefused(f"{one.network} overlaps a range of another site.")
        if bounded and one.network not in stood and not is_within(one.network):
            bounds = ", ".join(settings.MACHINE_NETWORKS)
            raise RangesRefused(f"{one.network} is outside the networks of this installation ({bounds}).")


def is_within(network: Network) -> bool:
    bounds = map(ip_network, settings.MACHINE_NETWORKS)
    return any(overlap(network, bound) and bound.prefixlen <= network.prefixlen for bound in bounds)
