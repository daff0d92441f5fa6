"""Port 4028: one connection, one request, one answer, closed. Every language of the cgminer family.

A hung machine keeps the connection and says nothing, a dripping one says seven bytes a second, a babbling one says what
is not its language.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from cango_ops.estate.chance import unit
from cango_ops.estate.connection import Connection
from cango_ops.estate.dialects import antminer, avalon, braiins, luxos_commands, whatsminer_commands
from cango_ops.estate.dialects.cgminer import Call, Request, framed, request_of
from cango_ops.estate.dialects.luxos_session import Sessions
from cango_ops.estate.dialects.whatsminer_commands import Tokens
from cango_ops.estate.machine import Machine
from cango_ops.estate.recorded import recorded_answer, recorded_over_http
from cango_ops.estate.recordings import RecordedMachine
from cango_ops.estate.world import ANSWERS, Manner, World

DRIP_BYTES: Final = 7
BABBLE: Final = (
    b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4",
    b"<html><head><title>Firmware update</title></head><body>Please wait</body></html>\n",
    b'{"STATUS":[{"STATUS":"S","When":17,"Code":11,"Msg":"Summ',
    b"[  0.000000] Booting Linux on physical CPU 0x0\r\n",
)


class Rpc:
    """What the connections share: the world, sessions, tokens, and who answers for which language."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        self.answered = 0
        sessions, tokens = Sessions(), Tokens()
        self.dialects: dict[str, Callable[[Call], str]] = {
            "antminer": antminer.answer,
            "braiins": braiins.answer,
            "luxos": lambda call: luxos_commands.answer(call, sessions),
            "whatsminer_v2": lambda call: whatsminer_commands.answer(call, tokens),
            "avalon": avalon.answer,
        }

    def connection(self, said: bytes = b"") -> "RpcConnection":
        return RpcConnection(self, said)

    def at_once(self, address: str, said: bytes) -> bytes | None:
        """The answer of a machine that has been asked something whole and has nothing wrong with its manners."""
        machine = self.world.at(address)
        if not isinstance(machine, Machine):
            return None
        request, t = request_of(said), self.world.clock()
        if request is None or self.world.manner(machine, t) is not ANSWERS:
            return None
        return self.answer(machine, request, t)

    def answer(self, machine: Machine, request: Request, t: float) -> bytes:
        self.answered += 1
        call = Call(self.world, machine, request, t, self.port)
        return framed(self.dialects[machine.language](call), request.is_json)


class RpcConnection(Connection):
    """One connection to one machine. said: what has been read of it already."""

    def __init__(self, rpc: Rpc, said: bytes = b"") -> None:
        super().__init__(rpc.world)
        self.rpc = rpc
        self.said = said
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.said:
            self.data_received(self.said)

    def knows(self) -> bool:
        self.machine = self.world.at(self.address)
        return isinstance(self.machine, Machine | RecordedMachine)

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        self.buffer = self.buffer + data if self.buffer else data
        if isinstance(self.machine, RecordedMachine) and self.buffer.startswith((b"GET ", b"POST ")):
            self.is_deaf = True
            self.finish(recorded_over_http(self.machine, self.buffer))
            return
        request = request_of(self.buffer)
        if request is None:
            return
        self.is_deaf = True
        machine = self.machine
        if isinstance(machine, RecordedMachine):
            self.finish(recorded_answer(machine, request))
        elif isinstance(machine, Machine):
            self._reply(machine, request)

    def _reply(self, machine: Machine, request: Request) -> None:
        t = self.world.clock()
        manner = self.world.manner(machine, t)
        if manner is ANSWERS:
            self.finish(self.rpc.answer(machine, request, t))
        elif manner is Manner.BABBLES:
            self.finish(BABBLE[int(unit(machine.key, 800) * len(BABBLE))])
        elif manner is Manner.DRIPS:
            self._drip(self.rpc.answer(machine, request, t), 0)
        else:
            self.keep_silent()

    def _drip(self, data: bytes, start: int) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(data[start : start + DRIP_BYTES])
        if start + DRIP_BYTES >= len(data):
            self.transport.close()
        else:
            asyncio.get_running_loop().call_later(1.0, self._drip, data, start + DRIP_BYTES)
