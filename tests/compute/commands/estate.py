"""A real estate in a thread, its machines on the site map, and its journal as the judge."""

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from cango_ops.estate.dialects.whatsminer_commands import is_locked
from cango_ops.estate.layout import CGMINER_PORT, MOVED_PORTS
from cango_ops.estate.logins import LOGINS
from cango_ops.estate.machine import Machine
from compute import credentials
from compute.collector import targets
from compute.collector.read_now import read_devices
from compute.models import Container, Device, DeviceNow
from compute.protocols.signing import Login
from compute.telemetry import sitemap
from tests.estate.small_estate import Clock, SmallEstate, open_estate

# What changes a machine, of all that stands in the journal.
WRITES = frozenset(
    (
        "set_miner_conf", "actions/pause", "actions/resume", "pause", "resume", "performance/power-target", "curtail",
        "profileset", "power_off", "power_on", "adjust_power_limit", "ascset", "sleep", "wake_up",
    )
)  # fmt: skip


class WallClock(Clock):
    """The time of this computer."""

    @property
    def now(self) -> float:
        return time.time()

    @now.setter
    def now(self, value: float) -> None:
        pass

    def __call__(self) -> float:
        return time.time()


class Estate:
    """`machines`: sound ones of every language. `writes()`: how many writing commands reached each address."""

    def __init__(self, small: SmallEstate, loop: asyncio.AbstractEventLoop) -> None:
        self.small = small
        self.loop = loop
        self.shift = small.estate.shift
        self.moved = {usual: there + self.shift for usual, there in MOVED_PORTS.items()}

    @property
    def machines(self) -> list[Machine]:
        return [m for m in self.small.machines() if not (m.language == "whatsminer_v2" and is_locked(m))]

    def entries(self) -> list:
        return [entry for entry in list(self.small.world.journal.entries) if entry.command in WRITES]

    def writes(self) -> Counter[str]:
        return Counter(entry.address for entry in self.entries())

    def put(self, box: Container, count: int, languages: tuple[str, ...] = ()) -> list[Device]:
        """That many machines of the estate in the container, of these languages."""
        box.rows, box.columns = 40, 25
        box.save(update_fields=["rows", "columns"])
        chosen = self.chosen(count, languages)
        Device.objects.filter(container=box).delete()
        devices = Device.objects.bulk_create(
            Device(
                site=box.site, container=box, slot=place, address=machine.address, port=CGMINER_PORT + self.shift,
                language=machine.language, model=machine.plate.model, nameplate_ths=machine.plate.ths,
                nameplate_w=machine.plate.watts,
            )
            for place, machine in enumerate(chosen, 1)
        )  # fmt: skip
        DeviceNow.objects.bulk_create(DeviceNow(device=device, site=box.site) for device in devices)
        for language, words in LOGINS.items():
            credentials.keep("test", box.site, language, Login(*words))
        sitemap.forget()
        targets.forget()
        return devices

    def chosen(self, count: int, languages: tuple[str, ...]) -> list[Machine]:
        """Every language in turn."""
        by_language: dict[str, list[Machine]] = {}
        for machine in self.machines:
            if not languages or machine.language in languages:
                by_language.setdefault(machine.language, []).append(machine)
        turns = zip_longest(*by_language.values())
        return [machine for turn in turns for machine in turn if machine is not None][:count]

    def read(self, devices: list[Device]) -> None:
        """The collector asks them all."""
        read_devices([device.pk for device in devices])

    def machine(self, device: Device) -> Machine:
        return self.small.world.at(device.address)


@contextlib.contextmanager
def running(devices: int = 620, run_dir: Path | None = None) -> Iterator[Estate]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    small = asyncio.run_coroutine_threadsafe(open_estate(WallClock(), devices, run_dir=run_dir), loop).result(60)
    try:
        yield Estate(small, loop)
    finally:
        asyncio.run_coroutine_threadsafe(small.estate.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
