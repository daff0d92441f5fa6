"""Scans a site's address ranges for machines: gently, in turns of a minute, and without changing anything.

A scan is a row; whoever is woken takes the lease of its site and goes on where it stopped, so that a killed worker or a
lost message costs a few seconds. What it saw waits for somebody to confirm it (compute.scanning.confirm).
"""

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
from django.conf import settings
from django.db import IntegrityError, transaction

from cango_ops.base import audit, jobs, leases
from cango_ops.base.clock import database_now
from cango_ops.base.models import Lease, User
from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Limits, Outcome
from cango_ops.base.switchboard.own_places import own_places
from cango_ops.base.transitions import move
from compute.models import Device, Scan
from compute.scanning import places, who
from compute.scanning.compare import Finding, Standing, findings
from compute.scanning.who import Seen
from sites import ranges
from sites.models import Site

LEASE_S: Final = 15.0
TURN_S: Final = 45.0
STEP_S: Final = 0.1
IDLE_S: Final = 0.01
TELL_EVERY_S: Final = 1.0
AT_ONCE: Final = 64
PER_SECOND: Final = 400
TOTAL_S: Final = 8.0
MOST_PLACES: Final = 500_000
# Nobody took the connection, or whoever did said not a byte: there is nothing to tell of such a place.
NOBODY: Final = frozenset({"refused", "unreachable", "closed"})
State = Scan.State
Stop = Callable[[], bool]


class ScanRefused(ValueError):
    """Why the site is not scanned now."""


def ask_for(actor: User | str, site: Site, scan_id: uuid.UUID) -> Scan:
    """The scan of that id, waiting for a worker; asked for again it is the same. Raises ScanRefused."""
    known = Scan.objects.filter(pk=scan_id, site=site).first()
    if known is not None:
        return known
    planned = planned_of(site, [str(one) for one in ranges.of_site(site)])
    count = places.total(planned)
    if not count:
        raise ScanRefused("No address range of the site has a port of a machine.")
    if count > MOST_PLACES:
        raise ScanRefused(f"The ranges hold {count} places; a scan tries {MOST_PLACES} at most. Make them smaller.")
    name = actor.email if isinstance(actor, User) else actor
    try:
        with transaction.atomic():
            scan = Scan.objects.create(
                id=scan_id, site=site, asked_by=name, asked_at=database_now(), total=count,
                ranges=[str(one) for one in ranges.of_site(site)],
            )  # fmt: skip
            audit.record(actor, "scan", f"site/{site.code}", {"scan": str(scan_id), "places": count})
    except IntegrityError:
        raise ScanRefused("The site is being scanned already.") from None
    return scan


def stop(actor: User | str, scan: Scan) -> bool:
    """Ends an open scan; what it saw so far is kept. False where it had ended."""
    with transaction.atomic():
        ended = any(move(scan, "state", old, State.STOPPED, finished_at=database_now()) for old in Scan.OPEN)
        if ended:
            audit.record(actor, "stop_scan", f"site/{scan.site.code}", {"scan": str(scan.pk)})
    return ended


def run_open(stopped: Stop = lambda: False) -> int:
    """A turn of each open scan; how many are still open after it."""
    for scan in Scan.objects.filter(state__in=Scan.OPEN).select_related("site").order_by("asked_at"):
        run_turn(scan, stopped)
    return Scan.objects.filter(state__in=Scan.OPEN).count()


def run_turn(scan: Scan, stopped: Stop = lambda: False) -> None:
    """Goes on with the scan for a while, unless another worker does."""
    with jobs.run(f"compute.scan/{scan.site.code}") as job, leases.held(f"scan/{scan.site_id}", LEASE_S) as lease:
        if lease is None:
            job.skip("another worker scans this site now")
            return
        scan.refresh_from_db()
        if scan.state not in Scan.OPEN:
            job.skip("the scan has ended")
            return
        move(scan, "state", State.WAITING, State.RUNNING)
        try:
            Turn(scan, lease, stopped).run()
        except leases.LeaseLost:
            job.fail("the lease ran out before the turn was over")
        job.note(position=scan.position, total=scan.total, answered=len(scan.seen))


class Turn:
    """One turn of a scan. under_way: numbers of the places whose calls have not ended."""

    def __init__(self, scan: Scan, lease: Lease, stopped: Stop) -> None:
        self.scan = scan
        self.lease = lease
        self.stopped = stopped
        self.spoken = spoken_of(scan.site)
        self.reach = ranges.reaches([scan.site_id])[scan.site_id]  # of now: a range may have been taken away
        self.ahead = enumerate(places.places(planned_of(scan.site, scan.ranges), scan.position), scan.position)
        self.seen = {(one.address, one.port): one for one in msgspec.convert(scan.seen, list[Seen])}
        self.under_way: set[int] = set()
        self.next = scan.position
        self.told_at = time.monotonic()

    def run(self) -> None:
        """Returns at the end of the turn, of the scan, or when somebody stops it. Raises LeaseLost."""
        limits = Limits(at_once=AT_ONCE, at_once_per_group=AT_ONCE, open_at_most=AT_ONCE)
        with Switchboard(limits, own_places(), settings.MOVED_PORTS) as board:
            if not self._ask_all(board):
                return
        self._keep()

    def _ask_all(self, board: Switchboard) -> bool:
        """False where somebody stopped the scan meanwhile."""
        began, begun, more = time.monotonic(), 0, True
        while more or board.busy:
            now = time.monotonic()
            if now - self.told_at >= TELL_EVERY_S and not self._tell():
                return False
            if now - began >= TURN_S or self.stopped():
                more = False
            may_begin = min(int((now - began) * PER_SECOND) - begun, AT_ONCE - len(self.under_way)) if more else 0
            for _ in range(may_begin):
                more = self._begin(board)
                begun += more
            for outcome in board.step(STEP_S if board.busy else IDLE_S):
                self._take(outcome)
        return True

    def _begin(self, board: Switchboard) -> bool:
        """False where every place has been begun."""
        number, (address, port) = next(self.ahead, (-1, ("", 0)))
        if number < 0:
            return False
        self.under_way.add(number)
        self.next = number + 1
        begin = partial(who.who, address, port, self.spoken[port])
        board.add(Call((number, address, port), address, port, begin, None, TOTAL_S, self.reach))
        return True

    def _take(self, outcome: Outcome) -> None:
        number, address, port = outcome.call.key
        self.under_way.discard(number)
        if outcome.failure is None:
            self.seen[address, port] = outcome.result
        elif outcome.failure not in NOBODY:
            self.seen[address, port] = Seen(address, port, refused=outcome.failure)

    def _reached(self) -> int:
        """How many places have been tried, with none before them left open."""
        return min(self.under_way, default=self.next)

    def _tell(self) -> bool:
        """Shows how far it is, and renews the lease; False where somebody stopped the scan. Raises LeaseLost."""
        self.told_at = time.monotonic()
        self.lease = leases.renew(self.lease)
        told = Scan.objects.filter(pk=self.scan.pk, state=State.RUNNING)
        return bool(told.update(position=self._reached(), seen=msgspec.to_builtins(list(self.seen.values()))))

    def _keep(self) -> None:
        seen = list(self.seen.values())
        changes: dict[str, object] = {"position": self._reached(), "seen": msgspec.to_builtins(seen)}
        is_over = self._reached() >= self.scan.total
        if is_over:
            changes |= {"findings": msgspec.to_builtins(compared(self.scan.site, seen)), "finished_at": database_now()}
        with transaction.atomic():
            leases.hold(self.lease)
            move(self.scan, "state", State.RUNNING, State.DONE if is_over else State.RUNNING, **changes)


def spoken_of(site: Site) -> dict[int, frozenset[str]]:
    on_map = Device.objects.filter(site=site).order_by().values_list("port", "language").distinct()
    return who.spoken_at(on_map, settings.MOVED_PORTS)


def planned_of(site: Site, lines: list[str]) -> list[places.Stretch]:
    allowed = [ranges.parse_stored(line) for line in lines]
    return places.stretches([(one.network, one.ports) for one in allowed], spoken_of(site))


def compared(site: Site, everybody: list[Seen]) -> list[Finding]:
    """What was seen against the map as it stands now."""
    standing = standing_of(site)
    machines = who.one_a_machine(everybody, frozenset((one.address, one.port) for one in standing))
    return findings(machines, standing)


def standing_of(site: Site) -> list[Standing]:
    rows = Device.objects.filter(site=site).order_by("container__code", "slot").values_list(
        "pk", "container__code", "slot", "address", "port", "language", "model", "mac", "serial",
        "now__model_reported", "now__mac", "now__serial",
    )  # fmt: skip
    return [
        Standing(
            pk, f"{code}/{slot}", address, port, language, said or model, own_mac or mac or "", own or serial or ""
        )
        for pk, code, slot, address, port, language, model, own_mac, own, said, mac, serial in rows
    ]
