"""CPU-seconds that the estate spends on 1,000 answers, per dialect, beside a bare uvloop server in the same run.

    python -m tests.bench.estate_answers [--answers 3000] [--rounds 3]

Server and estate are processes of their own; their CPU time is read from the kernel's clocks, so what the asking side
spends does not count. Every answer has a connection of its own, 64 at a time, as a sweep asks: the bare server knows
nothing, sends as many bytes as the dialect does and closes. Rounds alternate, the best round counts.
"""

import argparse
import asyncio
import os
import platform
import select
import signal
import socket
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple, cast

import uvloop

from cango_ops.estate.chance import mix
from cango_ops.estate.cli import spare_the_collector
from cango_ops.estate.faults import Fault, fault_of
from cango_ops.estate.layout import CGMINER_PORT, DCGM_PORT, VLLM_PORT, EstateLayout, layout
from cango_ops.estate.listener import allow_many_connections, loopback_listener
from cango_ops.estate.server import Estate
from cango_ops.estate.world import World, key_of

# Below the ports that the kernel hands out to callers.
SHIFT = 14_000
BARE_PORT = 13_990
AT_A_TIME = 64
GET = b"GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n"
ASKED = (
    ("antminer", CGMINER_PORT, b'{"command":"stats"}'),
    ("braiins", CGMINER_PORT, b'{"command":"summary+devs+temps+fans+tunerstatus"}'),
    ("luxos", CGMINER_PORT, b'{"command":"summary+devs+power+fans+temps"}'),
    ("whatsminer_v2", CGMINER_PORT, b'{"command":"summary+edevs"}'),
    ("avalon", CGMINER_PORT, b'{"command":"stats"}'),
    ("gpu_node dcgm", DCGM_PORT, GET),
    ("gpu_node vllm", VLLM_PORT, GET),
)


class Server:
    """A server in a process of its own, and the CPU time that it has spent."""

    def __init__(self, run: Callable[[int], None]) -> None:
        is_ready, says_ready = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                run(says_ready)
            finally:
                os._exit(0)
        os.close(says_ready)
        if not os.read(is_ready, 1):
            raise RuntimeError("the server could not start; is another bench running?")

    def cpu_s(self) -> float:
        """The process's own clock; its number is made as clock_getcpuclockid does it."""
        return time.clock_gettime(~self.pid << 3 | 2)

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


class Bare(asyncio.Protocol):
    """Takes a request whole, sends bytes of the wanted length (which the request ends with), closes."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(b"x" * int(data.rpartition(b"#")[2]))
        self.transport.close()


async def serve_bare(says_ready: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, sock=loopback_listener(BARE_PORT), backlog=16_384)
    os.write(says_ready, b".")
    await server.serve_forever()


async def serve_estate(plan: EstateLayout, says_ready: int) -> None:
    await Estate(World(plan)).open()
    spare_the_collector()
    os.write(says_ready, b".")
    await asyncio.Event().wait()


def ask_all(addresses: list[str], port: int, question: bytes) -> int:
    """Asks each address once, 64 at a time; returns the bytes of all answers."""
    waiting: dict[int, socket.socket] = {}
    poll, rest, heard = select.epoll(), iter(addresses), 0
    for address in islice(rest, AT_A_TIME):
        start(poll, waiting, address, port)
    while waiting:
        for fd, event in poll.poll(10.0):
            sock = waiting[fd]
            if event & select.EPOLLOUT:
                sock.send(question)
                poll.modify(fd, select.EPOLLIN)
                continue
            data = sock.recv(1 << 17)
            heard += len(data)
            if not data:
                waiting.pop(fd).close()
                for address in islice(rest, 1):
                    start(poll, waiting, address, port)
    return heard


def start(poll: select.epoll, waiting: dict[int, socket.socket], address: str, port: int) -> None:
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((address, port))
    waiting[sock.fileno()] = sock
    poll.register(sock.fileno(), select.EPOLLOUT)


class Cost(NamedTuple):
    cpu_s: float
    answer_bytes: int


def measure(server: Server, addresses: list[str], port: int, question: bytes) -> Cost:
    before = server.cpu_s()
    heard = ask_all(addresses, port, question)
    return Cost((server.cpu_s() - before) / len(addresses) * 1000, heard // len(addresses))


def sound(plan: EstateLayout, language: str, number: int) -> list[str]:
    """So many addresses of machines of this language that nothing is wrong with, from every site in turn."""
    slots = [slot for site in plan.sites for container in site.containers for slot in container.slots]
    keys = ((slot.address, key_of(mix(plan.seed), slot.address)) for slot in slots if slot.language == language)
    is_node = language == "gpu_node"
    found = [address for address, key in keys if fault_of(key, is_node) is Fault.NONE]
    return list(islice(cycle(found), number))


def machine_name() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return f"{len(models)} x {models[0].partition(': ')[2]}, {platform.system()} {platform.release()}"


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU-seconds per 1,000 answers of the estate.")
    parser.add_argument("--answers", type=int, default=3000, help="per dialect and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--devices", type=int, default=6200)
    options = parser.parse_args()
    allow_many_connections()
    plan = layout(1, options.devices, SHIFT)
    bare = Server(lambda ready: uvloop.run(serve_bare(ready)))
    estate = Server(lambda ready: uvloop.run(serve_estate(plan, ready)))
    print(f"{machine_name()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    print(f"{'asked':14} {'bytes':>6} {'estate CPU-s/1000':>18} {'bare uvloop':>12}")
    try:
        for name, port, question in ASKED:
            addresses = sound(plan, name.split()[0], options.answers)
            ask_all(addresses[:500], port + SHIFT, question)
            costs, floors = [], []
            for _ in range(options.rounds):
                costs.append(measure(estate, addresses, port + SHIFT, question))
                wanted = question + b"#%d" % costs[-1].answer_bytes
                floors.append(measure(bare, addresses, BARE_PORT, wanted))
            best, floor = min(costs), min(floors)
            print(f"{name:14} {best.answer_bytes:6} {best.cpu_s:18.3f} {floor.cpu_s:12.3f}", flush=True)
    finally:
        bare.stop()
        estate.stop()


if __name__ == "__main__":
    main()
