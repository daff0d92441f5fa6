"""What every connection to the estate does first: find out by the local address which machine was asked."""

import asyncio
import socket
import struct
from typing import Final, cast

from cango_ops.estate.gpu_node import Node
from cango_ops.estate.machine import Machine
from cango_ops.estate.recordings import RecordedMachine
from cango_ops.estate.world import World

LINGER_RESET: Final = struct.pack("ii", 1, 0)
# A silent machine's connections are dropped after this long, so that forgotten ones do not pile up.
SILENCE_S: Final = 120.0


class Connection(asyncio.Protocol):
    """Base of the estate's protocols. is_deaf: nothing more is read from the caller."""

    transport: asyncio.Transport

    def __init__(self, world: World) -> None:
        self.world = world
        self.is_deaf = False
        self.address = ""
        self.machine: Machine | Node | RecordedMachine | None = None
        self.patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.address = transport.get_extra_info("sockname")[0]
        if not self.is_local() or not self.knows():
            self.reset()

    def is_local(self) -> bool:
        """Both ends on the loopback net: the second lock, should the kernel not bind to the device."""
        peer = self.transport.get_extra_info("peername")
        return self.address.startswith("127.") and bool(peer) and peer[0].startswith("127.")

    def knows(self) -> bool:
        """Whether somebody stands at the address."""
        self.machine = self.world.at(self.address)
        return self.machine is not None

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_deaf = True
        if self.patience is not None:
            self.patience.cancel()

    def keep_silent(self) -> None:
        """Nothing more is said; the caller's own deadline should end it, and if not, ours does."""
        self.is_deaf = True
        self.patience = asyncio.get_running_loop().call_later(SILENCE_S, self.transport.abort)

    def finish(self, data: bytes | None) -> None:
        """The whole answer, then the end. None: no answer, the connection is reset."""
        if data is None:
            self.reset()
        else:
            self.transport.write(data)
            self.transport.close()

    def reset(self) -> None:
        self.is_deaf = True
        sock = self.transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self.transport.abort()
