"""Posts one message to one address, with a deadline for all of it."""

import socket
import ssl
import time
from collections.abc import Mapping
from typing import Final

from cango_ops.alerts.reach import Goal
from cango_ops.frames import frame_of
from cango_ops.http_frame import http_post
from cango_ops.wire import Ask, Framing, Garbled, NoAnswer

DEADLINE_S: Final = 10.0
LIMIT_BYTES: Final = 64 << 10
CHUNK_BYTES: Final = 1 << 14


def post(goal: Goal, body: bytes, headers: Mapping[str, str]) -> None:
    """Returns where the receiver answered 2xx. Raises NoAnswer; what cannot be understood too."""
    until = time.monotonic() + DEADLINE_S
    payload = with_host(http_post(goal.path, body, headers), goal)
    try:
        with connected(goal, until) as wire:
            wire.settimeout(remaining(until))
            wire.sendall(payload)
            receive(wire, until)
    except TimeoutError as why:
        raise NoAnswer("deadline", f"no whole answer within {DEADLINE_S:.0f} s") from why
    except ConnectionRefusedError as why:
        raise NoAnswer("refused", goal.host) from why
    except OSError as why:
        raise NoAnswer("unreachable", f"{why.strerror or why}"[:100]) from why
    except (Garbled, ValueError) as why:
        raise NoAnswer("bad_status", f"not understood: {why}"[:120]) from why


def connected(goal: Goal, until: float) -> socket.socket:
    wire = socket.create_connection((goal.address, goal.port), timeout=remaining(until))
    if not goal.is_tls:
        return wire
    try:
        return ssl.create_default_context().wrap_socket(wire, server_hostname=goal.host)
    except OSError:
        wire.close()
        raise


def receive(wire: socket.socket, until: float) -> None:
    frame = frame_of(Ask("webhook", b"", Framing.HTTP, limit_bytes=LIMIT_BYTES))
    while True:
        wire.settimeout(remaining(until))
        data = wire.recv(CHUNK_BYTES)
        if not data:
            frame.eof()
            return
        if frame.feed(data) is not None:
            return


def remaining(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def with_host(payload: bytes, goal: Goal) -> bytes:
    name = f"[{goal.host}]" if ":" in goal.host else goal.host
    usual = 443 if goal.is_tls else 80
    host = name if goal.port == usual else f"{name}:{goal.port}"
    return payload.replace(b"\r\nHost: device\r\n", f"\r\nHost: {host}\r\n".encode("ascii", "replace"), 1)
