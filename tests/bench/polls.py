"""What a poll costs: CPU-seconds per 1,000 of the collector's switchboard, beside other ways in the same run.

    python -m tests.bench.polls [--polls 20000] [--rounds 3] [--faults]

One question and an answer of about 4 KB on a connection of its own, over loopback; the machines are another process,
but the kernel books part of their side to whoever connects. `bare epoll` holds the sockets and does nothing else: what
the others cost more is theirs. Each way runs in a process of its own, rounds alternate, the best round counts.
--faults: what 5 % silent and 1 % dripping machines do to the time of the others, without any back-off.
"""

import argparse
import asyncio
import importlib
import json
import os
import resource
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import uvloop

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Limits
from cango_ops.base.switchboard.reach import reach_of
from cango_ops.wire import Ask
from compute.protocols import ADAPTERS

PORT = 14028
LOOPBACK = reach_of([(ip_network("127.0.0.0/8"), ((1, 65535),))])
AT_ONCE = 1000
PER_CONTAINER = 200
QUESTION = Ask("stats", b'{"command":"stats"}')
TIMEOUT_S = 5.0
PYASIC_AT_ONCE = 100


def addresses(polls: int) -> Iterator[str]:
    return (f"127.1.{number >> 8 & 255}.{number & 255}" for number in range(polls))


def only_bytes() -> Iterator[Ask]:
    return len((yield QUESTION))


def bare_epoll(polls: int) -> None:
    """Sockets alone: connect, ask, read to the end, close."""
    places, epoll, waiting, open_sockets, done = addresses(polls), select.epoll(), polls, {}, 0
    watched = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
    while done < polls:
        while waiting and len(open_sockets) < AT_ONCE:
            sock = socket.SocketType(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            sock.connect_ex((next(places), PORT))
            open_sockets[sock.fileno()] = [sock, False]
            epoll.register(sock.fileno(), watched)
            waiting -= 1
        for fd, mask in epoll.poll(1, 1024):
            entry = open_sockets[fd]
            if not entry[1]:
                entry[0].send(QUESTION.payload)
                entry[1] = True
            if mask & select.EPOLLIN:
                entry[0].recv(65536)
            if mask & select.EPOLLRDHUP:
                entry[0].close()
                del open_sockets[fd]
                done += 1


def switchboard(polls: int, begin: Callable = only_bytes) -> None:
    with Switchboard(Limits(at_once=AT_ONCE)) as board:
        for number, address in enumerate(addresses(polls)):
            board.add(Call(number, address, PORT, begin, number // PER_CONTAINER, reach=LOOPBACK))
        while board.busy:
            assert all(outcome.failure is None for outcome in board.step(0.25))


def switchboard_read(polls: int) -> None:
    switchboard(polls, ADAPTERS["antminer"].poll)


class Poll(asyncio.Protocol):
    """The plain way with protocols: no deadline, no byte limit, no turns."""

    def __init__(self, ended: Callable[[bytes], None]) -> None:
        self.parts: list[bytes] = []
        self.ended = ended

    def connection_made(self, transport: asyncio.Transport) -> None:
        transport.write(QUESTION.payload)

    def data_received(self, data: bytes) -> None:
        self.parts.append(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.ended(b"".join(self.parts))


def protocols(polls: int) -> None:
    async def all_of_them() -> None:
        loop, places = asyncio.get_running_loop(), addresses(polls)
        done, tasks, left = loop.create_future(), set(), polls

        def ended(_: bytes) -> None:
            nonlocal left
            left -= 1
            if not left:
                done.set_result(None)
            begin()

        def begin() -> None:
            if address := next(places, None):
                task = loop.create_task(loop.create_connection(lambda: Poll(ended), address, PORT))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        for _ in range(AT_ONCE):
            begin()
        await done

    uvloop.run(all_of_them())


def streams(polls: int, run: Callable = uvloop.run) -> None:
    """The usual way: a task for each machine, a semaphore, a timeout around it."""

    async def poll(address: str) -> int:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(address, PORT)
            writer.write(QUESTION.payload)
            body = await reader.read()
            writer.close()
            return len(body)

    async def all_of_them() -> None:
        places = addresses(polls)

        async def worker() -> None:
            for address in places:
                await poll(address)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    run(all_of_them())


def asyncio_streams(polls: int) -> None:
    streams(polls, asyncio.run)


def pyasic_miners(polls: int) -> None:
    """The library in wide use: its miner objects ask `stats` and make boards, fans and uptime of it."""
    miner_of = importlib.import_module("pyasic.miners.antminer").BMMinerS17Pro
    wanted = ["hashboards", "fans", "expected_hashrate", "uptime"]

    async def all_of_them() -> None:
        places = addresses(polls)

        async def worker() -> None:
            for address in places:
                miner = miner_of(address)
                miner.rpc.port = PORT
                data = await miner.get_data(include=wanted)
                assert data.hashboards[0].hashrate, address

        await asyncio.gather(*(worker() for _ in range(PYASIC_AT_ONCE)))

    asyncio.run(all_of_them())


WAYS: dict[str, Callable[[int], None]] = {
    "bare epoll": bare_epoll,
    "switchboard": switchboard,
    "switchboard, read": switchboard_read,
    "uvloop protocols": protocols,
    "uvloop streams": streams,
    "asyncio streams": asyncio_streams,
    "pyasic": pyasic_miners,
}
# So many times fewer polls, for it is slow.
FEWER = {"pyasic": 10}


def measured(way: str, polls: int) -> dict[str, float]:
    """Runs here; seconds per 1,000 polls."""
    if way == "pyasic":
        importlib.import_module("pyasic.miners.antminer")  # five seconds that are not a poll's
    began, before = time.monotonic(), os.times()
    WAYS[way](polls)
    after, seconds = os.times(), time.monotonic() - began
    user, system = after.user - before.user, after.system - before.system
    return {"user": user / polls * 1000, "cpu": (user + system) / polls * 1000, "rate": polls / seconds}


def in_own_process(way: str, polls: int) -> dict[str, float]:
    argv = [sys.executable, "-m", "tests.bench.polls", "--way", way, "--polls", str(polls // FEWER.get(way, 1))]
    return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


def compare(polls: int, rounds: int) -> None:
    found = [{way: in_own_process(way, polls) for way in WAYS} for _ in range(rounds)]
    print(f"{'':20} {'CPU-s/1000':>11} {'in user':>9} {'polls/s':>9}")
    for way in WAYS:
        best = min((each[way] for each in found), key=lambda one: one["cpu"])
        print(f"{way:20} {best['cpu']:11.3f} {best['user']:9.3f} {best['rate']:9.0f}")


def with_faults(polls: int, rounds: int) -> None:
    pairs = [(healthy_s(polls, 0, 0), healthy_s(polls, 5, 1)) for _ in range(rounds)]
    print("seconds alone/among:", " ".join(f"{alone:.2f}/{among:.2f}" for alone, among in pairs))
    lengthened = statistics.median(among / alone - 1 for alone, among in pairs)
    print(
        f"{polls} sound machines among 5 % silent and 1 % dripping ones: {100 * lengthened:+.1f} % (median of rounds)"
    )


def healthy_s(polls: int, silent: int, dripping: int) -> float:
    """Seconds until the last sound machine has answered, the faulty ones strewn among them."""
    began, last = time.monotonic(), 0.0
    with Switchboard(Limits()) as board:
        for number, address in enumerate(addresses(polls)):
            container = number // PER_CONTAINER
            board.add(Call("sound", address, PORT, only_bytes, container, reach=LOOPBACK))
            for kind, share in ((2, silent), (3, dripping)):
                if number % 100 < share:
                    board.add(
                        Call(
                            "faulty",
                            address.replace("127.1.", f"127.{kind}."),
                            PORT,
                            only_bytes,
                            container,
                            reach=LOOPBACK,
                        )
                    )
        while board.busy:
            if any(outcome.call.key == "sound" for outcome in board.step(0.25)):
                last = time.monotonic()
    return last - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--polls", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if wanted.way:
        print(json.dumps(measured(wanted.way, wanted.polls)))
        return
    argv = [sys.executable, "-m", "tests.bench.machines", str(PORT)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as machines:
        try:
            machines.stdout.readline()
            with_faults(wanted.polls, wanted.rounds) if wanted.faults else compare(wanted.polls, wanted.rounds)
        finally:
            machines.terminate()


if __name__ == "__main__":
    main()
