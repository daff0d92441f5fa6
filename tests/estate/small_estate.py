"""A small estate for the tests, with a clock that is moved by hand, and ways to ask its machines over real sockets."""

import asyncio
import os
from pathlib import Path

import msgspec

from cango_ops.estate.faults import Fault
from cango_ops.estate.gpu_node import Node
from cango_ops.estate.layout import CGMINER_PORT, layout
from cango_ops.estate.listener import PortTaken
from cango_ops.estate.machine import Machine
from cango_ops.estate.server import Estate
from cango_ops.estate.world import World

NOON = 1_795_262_400.0  # 2026-11-21 12:00 UTC


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class SmallEstate:
    """An open estate. clock.now may be set; `machine("luxos")` is a sound machine of that language."""

    def __init__(self, estate: Estate, clock: Clock) -> None:
        self.estate = estate
        self.world = estate.world
        self.clock = clock

    def machine(self, language: str = "", fault: Fault = Fault.NONE, site: str = "") -> Machine:
        """The first sound one of that language at that site; empty means any."""
        found = next(m for m in self.machines() if language in ("", m.language) and site in ("", m.site.code))
        if fault is not Fault.NONE:
            self.world.change(found.address, fault)
        return found

    def machines(self) -> list[Machine]:
        """Those that have nothing wrong and are well past their start."""
        everyone = [m for site in self.world.sites for m in self.world.machines_of(site) if isinstance(m, Machine)]
        return [m for m in everyone if m.fault is Fault.NONE and self.clock.now - m.running(self.clock.now)[0] > 3600]

    def node(self) -> Node:
        everyone = [m for site in self.world.sites for m in self.world.machines_of(site) if isinstance(m, Node)]
        return next(node for node in everyone if node.fault is Fault.NONE)

    async def bytes_of(self, address: str, port: int, data: bytes, limit_s: float = 30.0) -> bytes:
        """Everything the other side says until it closes. port: before the shift."""
        async with asyncio.timeout(limit_s):
            reader, writer = await asyncio.open_connection(address, port + self.estate.shift)
            writer.write(data)
            try:
                return await reader.read(-1)
            finally:
                writer.close()

    async def rpc(self, machine: Machine | str, command: str, parameter: str | None = None, **more: object) -> dict:
        """One cgminer question in JSON, answered."""
        address = machine if isinstance(machine, str) else machine.address
        body = {"command": command} | ({"parameter": parameter} if parameter is not None else {}) | more
        data = await self.bytes_of(address, CGMINER_PORT, msgspec.json.encode(body))
        assert data.endswith(b"\0")
        return msgspec.json.decode(data[:-1])

    async def http(
        self, address: str, port: int, path: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of one request; an underscore in a header's name is a hyphen."""
        lines = [f"{method} {path} HTTP/1.1", "Host: machine", "Connection: close", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        data = await self.bytes_of(address, port, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head, _, content = data.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        return int(first.split()[1]), dict(line.split(": ", 1) for line in rest), content


async def open_estate(
    clock: Clock, devices: int = 620, captures: Path | None = None, run_dir: Path | None = None
) -> SmallEstate:
    """An estate on the first free set of ports."""
    for attempt in range(40):
        shift = 19_000 + (os.getpid() * 37 + attempt * 523) % 28_000
        world = World(layout(1, devices, shift, captures), clock, run_dir, captures)
        estate = Estate(world)
        try:
            await estate.open(run_dir)
        except PortTaken:
            continue
        return SmallEstate(estate, clock)
    raise RuntimeError("no free ports")
