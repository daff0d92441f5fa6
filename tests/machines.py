"""Small machines on loopback, each with one way of behaving on a wire. For tests that must meet real sockets."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answers(body: bytes, after_s: float = 0.0) -> Behaviour:
    """Reads the question, answers and closes, as the cgminer family does."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        await asyncio.sleep(after_s)
        writer.write(body)
        await writer.drain()

    return behave


def speaks(bodies: Mapping[str, bytes]) -> Behaviour:
    """Answers each command of the cgminer family with its own body; what it does not know it leaves unanswered."""

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = json.loads(await reader.read(4096))["command"]
        writer.write(bodies.get(command, b""))
        await writer.drain()

    return behave


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def closes_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def floods(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(4096)
    writer.transport.abort()


async def echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says back every frame of a four byte little endian length, and keeps the connection open."""
    while head := await reader.readexactly(4):
        writer.write(head + await reader.readexactly(int.from_bytes(head, "little")))


async def echoes_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The same, but closes after each answer."""
    head = await reader.readexactly(4)
    writer.write(head + await reader.readexactly(int.from_bytes(head, "little")))


class Field:
    """A loop in a thread of its own on which machines listen. connections: how many each port was opened."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.connections: dict[tuple[str, int], int] = {}
        self.servers: list[asyncio.Server] = []
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def put(self, behaviour: Behaviour, address: str = "127.0.0.1", port: int = 0) -> int:
        """Starts a machine; its port."""
        return asyncio.run_coroutine_threadsafe(self._listen(behaviour, address, port), self.loop).result(60)

    async def _listen(self, behaviour: Behaviour, address: str, port: int) -> int:
        async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            place = writer.get_extra_info("sockname")[:2]
            self.connections[place] = self.connections.get(place, 0) + 1
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                try:
                    await behaviour(reader, writer)
                finally:
                    writer.close()

        server = await asyncio.start_server(met, address, port, backlog=4096)
        self.servers.append(server)
        return server.sockets[0].getsockname()[1]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self.loop).result(60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()

    async def _leave(self) -> None:
        for server in self.servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # the transports close one turn later


@contextlib.contextmanager
def field() -> Iterator[Field]:
    started = Field()
    try:
        yield started
    finally:
        started.close()
