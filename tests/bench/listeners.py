"""Many browsers in one process: bare sockets that shake hands, follow one topic, and note when each number came.

    python -m tests.bench.listeners PORT SECONDS TOPIC < sessions

Prints "ready" once all are connected and have heard the topic once, and at the end a line of JSON: for each number the
moments at which a client heard it, in seconds of the monotonic clock, which all processes share.
"""

import asyncio
import base64
import json
import os
import sys
import time
from collections import defaultdict
from typing import Any

import uvloop

AT_ONCE = 40
heard: dict[int, list[float]] = defaultdict(list)


class Browser(asyncio.Protocol):
    """One client. Frames of a server are not masked; none here is longer than 125 bytes."""

    def __init__(self, port: int, session: str, topic: str, opened: asyncio.Future[None]) -> None:
        self.port = port
        self.session = session
        self.topic = topic
        self.opened = opened
        self.buffer = b""
        self.is_open = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            (
                f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://127.0.0.1:{self.port}\r\n"
                f"Cookie: cango_session={self.session}\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self.buffer += data
        if not self.is_open:
            head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101"), head[:200]
            if not end:
                self.buffer = head
                return
            self.is_open = True
            self.say(json.dumps({"subscribe": [self.topic]}).encode())
        while len(self.buffer) >= 2 and len(self.buffer) >= 2 + (size := self.buffer[1]):
            assert size < 126, size
            kind, frame = self.buffer[0] & 15, self.buffer[2 : 2 + size]
            self.buffer = self.buffer[2 + size :]
            if kind == 9:
                self.say(frame, 10)
            elif kind == 1 and b'"seq"' in frame:
                self.hear(json.loads(frame)["seq"], now)

    def hear(self, seq: int, now: float) -> None:
        heard[seq].append(now)
        if not self.opened.done():
            self.opened.set_result(None)

    def say(self, payload: bytes, kind: int = 1) -> None:
        """Masked with zeros, which every server must accept."""
        self.transport.write(bytes([0x80 | kind, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed before it was open"))


async def run(port: int, seconds: float, topic: str, sessions: list[str]) -> None:
    loop = asyncio.get_running_loop()
    doors = asyncio.Semaphore(AT_ONCE)

    async def enter(session: str) -> None:
        async with doors:
            opened = loop.create_future()
            await loop.create_connection(lambda: Browser(port, session, topic, opened), "127.0.0.1", port)
            await asyncio.wait_for(opened, 60)

    await asyncio.gather(*map(enter, sessions))
    heard.clear()
    print("ready", flush=True)
    await asyncio.sleep(seconds)
    print(json.dumps(heard), flush=True)


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.stdin.read().split()))
