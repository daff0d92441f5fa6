"""Drives one conversation with a server of the outside by http or https, to its end or its total deadline.

The collector's switchboard talks to machines by address; feeds are few, named by host, and behind TLS.
"""

import socket
import ssl
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from cango_ops.frames import frame_of
from cango_ops.wire import Ask, Conversation, Garbled, NoAnswer

DEADLINE_S = 20.0
CHUNK_BYTES = 1 << 16
PORTS = {"http": 80, "https": 443, "tcp": 50001, "ssl": 50002}
WITH_TLS = ("https", "ssl")
T = TypeVar("T")


def talk(
    url: str, begin: Callable[[str], Conversation[T]], *, deadline_s: float = DEADLINE_S, pause_s: float = 0.0
) -> T:
    """What the conversation that `begin` makes of the url's path learns. Raises NoAnswer; what is garbled too.

    deadline_s: for every answer together.   pause_s: kept between two questions, and not counted.
    """
    where = urlsplit(url)
    conversation, left = begin(where.path.rstrip("/")), deadline_s
    try:
        ask = next(conversation)
        while True:
            began = time.monotonic()
            answer = exchange(where, ask, left)
            left -= time.monotonic() - began
            ask = conversation.send(answer)
            time.sleep(pause_s)
    except StopIteration as end:
        learnt: T = end.value
        return learnt
    except Garbled as why:
        raise NoAnswer("garbled", str(why)) from why


def exchange(where: SplitResult, ask: Ask, left_s: float) -> bytes:
    """One question and its whole answer within `left_s`. Raises NoAnswer or Garbled."""
    until = time.monotonic() + left_s
    try:
        with connected(where, until) as wire:
            wire.settimeout(remaining(until))
            wire.sendall(with_host(ask.payload, where))
            return received(wire, ask, until)
    except TimeoutError as why:
        raise NoAnswer("deadline", f"{ask.name}: nothing whole in time") from why
    except ConnectionRefusedError as why:
        raise NoAnswer("refused", where.netloc.rpartition("@")[2]) from why
    except OSError as why:
        raise NoAnswer("unreachable", f"{why.strerror or why}"[:100]) from why


def connected(where: SplitResult, until: float) -> socket.socket:
    host, port = where.hostname or "", where.port or PORTS.get(where.scheme, 80)
    wire = socket.create_connection((host, port), timeout=remaining(until))
    if where.scheme not in WITH_TLS:
        return wire
    try:
        return ssl.create_default_context().wrap_socket(wire, server_hostname=host)
    except OSError:
        wire.close()
        raise


def received(wire: socket.socket, ask: Ask, until: float) -> bytes:
    frame = frame_of(ask)
    while True:
        wire.settimeout(remaining(until))
        data = wire.recv(CHUNK_BYTES)
        if not data:
            return frame.eof()
        body = frame.feed(data)
        if body is not None:
            return body


def remaining(until: float) -> float:
    """Seconds left. Raises TimeoutError when none are."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def with_host(payload: bytes, where: SplitResult) -> bytes:
    """The request with the server's own name: one address serves many there."""
    name = where.hostname or ""
    host = f"{name}:{where.port}" if where.port else name
    return payload.replace(b"\r\nHost: device\r\n", f"\r\nHost: {host}\r\n".encode("ascii", "replace"), 1)
