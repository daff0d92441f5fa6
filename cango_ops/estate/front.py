"""In front of port 4028: who simply answers is served at once, without a transport, a task or a second wait.

The kernel hands a connection over only when its first bytes are there (TCP_DEFER_ACCEPT), so that accept, read, answer
and close are one go. Whatever is not that simple goes on as an ordinary connection with the bytes that were read: half
a question, a recorded machine, one that is hung or drips, an address where nobody stands.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final, cast

AT_ONCE: Final = 64
MAX_BYTES: Final = 16_384
# How long the kernel waits for a caller's first bytes before it hands the connection over all the same.
DEFER_S: Final = 5
# Out of file descriptors: callers wait in the kernel's queue for this long.
PAUSE_S: Final = 0.1

Answer = Callable[[str, bytes], bytes | None]
Protocol = Callable[[bytes], asyncio.Protocol]


class Front:
    """One listener. answer: the bytes for (local address, what was said), or None when it is not that simple.

    connection: the ordinary protocol for the rest, made with the bytes that were read.
    """

    def __init__(self, listener: socket.socket, answer: Answer, connection: Protocol) -> None:
        self.listener = listener
        self.answer = answer
        self.connection = connection
        self.loop = asyncio.get_running_loop()
        self.tasks: set[asyncio.Task[Any]] = set()
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, DEFER_S)
        self._listen()

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """As an asyncio.Server has them."""
        return (self.listener,)

    def _listen(self) -> None:
        if self.listener.fileno() >= 0:
            self.loop.add_reader(self.listener, self._take)

    def close(self) -> None:
        if self.listener.fileno() >= 0:
            self.loop.remove_reader(self.listener)
            self.listener.close()

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, (peer, _) = self.listener.accept()
            except BlockingIOError:
                return
            except ConnectionError:
                continue
            except OSError:
                self.loop.remove_reader(self.listener)
                self.loop.call_later(PAUSE_S, self._listen)
                return
            self._serve(sock, peer)

    def _serve(self, sock: socket.socket, peer: str) -> None:
        try:
            said = sock.recv(MAX_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self._pass_on(sock, self.connection(b""))
            return
        except OSError:
            sock.close()
            return
        data = self.answer(sock.getsockname()[0], said) if peer.startswith("127.") else None
        if data is None:
            self._pass_on(sock, self.connection(said))
        else:
            self._send(sock, data)

    def _send(self, sock: socket.socket, data: bytes) -> None:
        try:
            sent = sock.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)
        if sent < len(data):
            self._pass_on(sock, Rest(data[sent:]))
        else:
            sock.close()

    def _pass_on(self, sock: socket.socket, protocol: asyncio.Protocol) -> None:
        sock.setblocking(False)
        accepting: Coroutine[Any, Any, Any] = self.loop.connect_accepted_socket(lambda: protocol, sock)
        task = self.loop.create_task(accepting)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Rest(asyncio.Protocol):
    """Says what did not fit into the kernel's buffer, then closes."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        writer = cast(asyncio.Transport, transport)
        writer.write(self.data)
        writer.close()
