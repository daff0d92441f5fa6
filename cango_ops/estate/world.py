"""Who stands at an address, how it behaves just now, and everything that commands and drills have changed."""

import socket
import time
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Final

from cango_ops.estate.chance import mix
from cango_ops.estate.drills import Drills
from cango_ops.estate.faults import HUNG, OFF, SOUND, Fault, fault_of
from cango_ops.estate.gpu_node import NODE_BOOT_S, Node, node_nominal_w
from cango_ops.estate.journal import Entry, Journal
from cango_ops.estate.layout import LAB, Container, EstateLayout, Slot
from cango_ops.estate.machine import BOOT_S, Machine, nominal_w
from cango_ops.estate.nameplates import GPU_PLATES, PLATES
from cango_ops.estate.recordings import RecordedMachine, recorded_machines
from cango_ops.estate.site_state import SiteState

FIRST_NET: Final = 11


class Manner(Enum):
    """How a machine treats a connection."""

    ANSWERS = "answers"
    SILENT = "silent"
    DRIPS = "drips"
    BABBLES = "babbles"


ANSWERS: Final = Manner.ANSWERS
MANNERS: Final = {Fault.DRIP: Manner.DRIPS, Fault.GARBAGE: Manner.BABBLES}


class World:
    """The estate as it is. clock: Unix seconds."""

    def __init__(
        self,
        layout: EstateLayout,
        clock: Callable[[], float] = time.time,
        run_dir: Path | None = None,
        captures: Path | None = None,
    ) -> None:
        self.layout = layout
        self.clock = clock
        self.stir = mix(layout.seed)
        self.drills = Drills()
        self.journal = Journal(run_dir)
        places = [site for site in layout.sites if site.code != LAB]
        self.sites = [SiteState(site, n, self.stir, self.drills) for n, site in enumerate(places, 1)]
        self.by_code = {site.code: site for site in self.sites}
        self.recorded = {m.address: m for m in recorded_machines(captures)} if captures else {}
        self._machines: dict[str, Machine | Node] = {}

    def site_of(self, address: str) -> SiteState | None:
        """The site whose net this address lies in."""
        number = int(address.split(".", 2)[1]) - FIRST_NET
        return self.sites[number] if 0 <= number < len(self.sites) else None

    def at(self, address: str) -> Machine | Node | RecordedMachine | None:
        """Whoever has this address; a machine is made when it is asked for the first time."""
        found = self._machines.get(address)
        if found is not None:
            return found
        return self.recorded.get(address) or self._make(address)

    def _make(self, address: str) -> Machine | Node | None:
        site = self.site_of(address)
        _, _, c, s = (int(part) for part in address.split("."))
        if site is None or not 1 <= c <= len(site.site.containers):
            return None
        container = site.site.containers[c - 1]
        if not 1 <= s <= len(container.slots):
            return None
        return self._settle(site, container, container.slots[s - 1])

    def _settle(self, site: SiteState, container: Container, slot: Slot) -> Machine | Node:
        key = key_of(self.stir, slot.address)
        made: Machine | Node
        made = Node(site, slot, key, self.clock()) if slot.language == "gpu_node" else Machine(site, slot, key)
        self._machines[slot.address] = made
        return made

    def machines_of(self, site: SiteState) -> Iterator[Machine | Node]:
        for container in site.site.containers:
            for slot in container.slots:
                yield self._machines.get(slot.address) or self._settle(site, container, slot)

    def machines_w(self, site: SiteState, t: float) -> float:
        """What all machines of a site draw."""
        if site.untouched_w is None:
            self.count_in(site)
        return site.machines_w(t)

    def count_in(self, site: SiteState) -> None:
        """Tells a site what its machines draw, out of their plates and faults alone: none is made for it."""
        site.count_in(
            (slot.address, *self._nominal_w(slot, site.care))
            for container in site.site.containers
            for slot in container.slots
        )

    def _nominal_w(self, slot: Slot, care: float) -> tuple[float, float]:
        is_node = slot.language == "gpu_node"
        fault = fault_of(key_of(self.stir, slot.address), is_node)
        if is_node:
            return node_nominal_w(GPU_PLATES[slot.model], fault)
        standby, load = nominal_w(PLATES[slot.model], fault)
        return standby, load * care

    def manner(self, machine: Machine | Node, t: float) -> Manner:
        """Whether it answers at all, and how."""
        site, fault = machine.site, machine.fault
        if fault is OFF or fault is HUNG or is_booting(machine, t):
            return Manner.SILENT
        if self.drills.drills:
            if site.is_drilled("link-lost", t):
                return Manner.SILENT
            if site.drills.hits("firmware-garbage", site.code, machine.key, t):
                return Manner.BABBLES
        return ANSWERS if fault is SOUND else MANNERS.get(fault, ANSWERS)

    def change(self, address: str, fault: Fault) -> None:
        """Makes a machine faulty, or sound with `Fault.NONE`. What was written on its nameplate stays."""
        machine = self.at(address)
        if not isinstance(machine, Machine | Node):
            raise ValueError(f"no machine at {address}")
        machine.site.touch(machine)
        machine.suffer(fault)

    def note(self, machine: Machine | Node, port: int, command: str, parameters: str, code: object) -> None:
        """Writes a command that reached a machine into the journal."""
        self.journal.note(Entry(self.clock(), machine.address, port, machine.language, command, parameters, str(code)))


def key_of(stir: int, address: str) -> int:
    """What the machine at an address is dealt from. stir: the seed, mixed."""
    return mix(stir ^ int.from_bytes(socket.inet_aton(address)))


def is_booting(machine: Machine | Node, t: float) -> bool:
    """Within the time after power-on in which no software runs yet."""
    if isinstance(machine, Node):
        return t - machine.boot_at < NODE_BOOT_S
    return t - machine.booted(t) < BOOT_S
