"""The estate's process: one listener per port on the loopback device, until it is told to stop."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from cango_ops.estate.control import serve_control
from cango_ops.estate.framed_server import FramedConnection
from cango_ops.estate.front import Front
from cango_ops.estate.http_server import HttpConnection
from cango_ops.estate.layout import (
    CGMINER_PORT,
    DCGM_PORT,
    FEED_PORT,
    MODBUS_PORT,
    VLLM_PORT,
    WEB_PORT,
    WHATSMINER_V3_PORT,
)
from cango_ops.estate.listener import BACKLOG, loopback_listener
from cango_ops.estate.modbus_server import Meters
from cango_ops.estate.rpc_server import Rpc
from cango_ops.estate.web_ports import WebPorts
from cango_ops.estate.world import World

Factory = Callable[[], asyncio.Protocol]


class Estate:
    """The open ports of one world. Ports are the real ones, or those of `layout.MOVED_PORTS`, plus the shift."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shift = world.layout.port_shift
        self.rpc = Rpc(world, CGMINER_PORT + self.shift)
        self.servers: list[asyncio.Server | Front] = []

    def factories(self) -> Iterable[tuple[int, Factory]]:
        """(port before the shift, what makes a connection), of all but cgminer's port"""
        web = WebPorts(self.world, self.shift)
        yield MODBUS_PORT, Meters(self.world).connection
        yield DCGM_PORT, partial(HttpConnection, self.world, web.exporter, web.is_node)
        yield VLLM_PORT, partial(HttpConnection, self.world, web.inference, web.is_node)
        yield WEB_PORT, partial(HttpConnection, self.world, web.pages, web.has_page)
        yield FEED_PORT, partial(HttpConnection, self.world, web.feeds, web.is_feed)
        if self.world.recorded:
            yield WHATSMINER_V3_PORT, partial(FramedConnection, self.world)

    async def open(self, run_dir: Path | None = None) -> None:
        """Opens every port. Raises PortTaken, and then none is left open."""
        loop = asyncio.get_running_loop()
        for site in self.world.sites:
            self.world.count_in(site)
        try:
            listener = loopback_listener(CGMINER_PORT + self.shift)
            self.servers.append(Front(listener, self.rpc.at_once, self.rpc.connection))
            for port, factory in self.factories():
                listener = loopback_listener(port + self.shift)
                self.servers.append(await loop.create_server(factory, sock=listener, backlog=BACKLOG))
            if run_dir is not None:
                self.servers.append(await serve_control(self.world, run_dir))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        for server in self.servers:
            server.close()
        self.servers.clear()
        self.world.journal.close()
