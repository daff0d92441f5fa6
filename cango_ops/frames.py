"""The frames in which answers come: each collects one answer's bytes and knows when it is whole. Pure.

A driver makes one `frame_of(ask)` per ask, feeds it what arrives until it returns the whole body, and calls `eof()`
when the peer closed. Frames raise only `Garbled` and `NoAnswer`.
"""

from abc import ABC, abstractmethod
from typing import Protocol

import msgspec

from cango_ops.http_frame import HttpFrame
from cango_ops.wire import DEFAULT_LIMIT_BYTES, Ask, Framing, Garbled, NoAnswer


class Frame(Protocol):
    """Collects one answer. `feed` returns the whole body as soon as it is complete, else None."""

    def feed(self, data: bytes) -> bytes | None: ...

    def eof(self) -> bytes: ...


def frame_of(ask: Ask) -> Frame:
    """A fresh frame for the answer to `ask`."""
    if ask.framing is Framing.LINES:
        return LinesFrame(ask.limit_bytes, ask.payload.count(b"\n"))
    return FRAMES[ask.framing](ask.limit_bytes)


class CloseFrame:
    """The answer is all that came before the peer closed."""

    __slots__ = ("limit_bytes", "parts", "size")

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.parts: list[bytes] = []
        self.size = 0

    def feed(self, data: bytes) -> bytes | None:
        self.size += len(data)
        if self.size > self.limit_bytes:
            raise NoAnswer("too_large", f"more than {self.limit_bytes} bytes")
        self.parts.append(data)
        return None

    def eof(self) -> bytes:
        if not self.size:
            raise NoAnswer("closed", "closed without a byte")
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)


class Said(msgspec.Struct):
    """What tells a line of JSON-RPC: an answer has an id, a notification a method alone."""

    id: int | float | str | None = None
    method: str | None = None


class LinesFrame:
    """JSON-RPC in lines: as many answers as questions, in any order. Notifications between them are passed over; a line
    that answers no question (an error of the connection, no JSON) is the last one. Who closes early is heard as well:
    an error may stand in what came."""

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES, wanted: int = 1) -> None:
        self.limit_bytes, self.wanted = limit_bytes, max(1, wanted)
        self.buffer = bytearray()
        self.lines: list[bytes] = []
        self.size = 0

    def feed(self, data: bytes) -> bytes | None:
        self.size += len(data)
        *ended, rest = data.split(b"\n")
        for part in ended:
            self.buffer += part
            if self._take(bytes(self.buffer)) or len(self.lines) == self.wanted:
                return self._bounded(b"\n".join(self.lines))
            self.buffer.clear()
        self.buffer += rest
        if self.size > self.limit_bytes:
            raise NoAnswer("too_large", f"more than {self.limit_bytes} bytes")
        return None

    def _take(self, line: bytes) -> bool:
        """True where nothing can follow."""
        try:
            said = msgspec.json.decode(line, type=Said)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            said = Said()
        if said.id is not None or said.method is None:
            self.lines.append(line)
        return said.id is None and said.method is None

    def _bounded(self, body: bytes) -> bytes:
        if len(body) > self.limit_bytes:
            raise NoAnswer("too_large", f"more than {self.limit_bytes} bytes")
        return body

    def eof(self) -> bytes:
        if not self.lines:
            raise NoAnswer("closed", f"closed after {len(self.buffer)} bytes of an unfinished line")
        return b"\n".join(self.lines)


class CountedFrame(ABC):
    """Base of frames whose head tells the whole length: `head_size` bytes, read by `length`."""

    head_size = 0

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.buffer = bytearray()

    @abstractmethod
    def length(self, head: bytes) -> int:
        """Of the whole frame, head included. Raises Garbled."""

    @abstractmethod
    def body(self, whole: bytes) -> bytes:
        """What the driver is given. Raises Garbled."""

    def feed(self, data: bytes) -> bytes | None:
        self.buffer += data
        if len(self.buffer) < self.head_size:
            return None
        length = self.length(bytes(self.buffer[: self.head_size]))
        if length > self.limit_bytes:
            raise NoAnswer("too_large", f"{length} bytes announced")
        end = self.head_size + length
        return self.body(bytes(self.buffer[:end])) if len(self.buffer) >= end else None

    def eof(self) -> bytes:
        raise NoAnswer("closed", f"closed after {len(self.buffer)} bytes of an unfinished frame")


HEARTBEAT = bytes(4)


class LengthFrame(CountedFrame):
    """Four bytes little endian, then so many bytes: Whatsminer API 3. Four noughts are its heartbeat, no answer."""

    head_size = 4

    def feed(self, data: bytes) -> bytes | None:
        self.buffer += data
        while self.buffer[:4] == HEARTBEAT:
            del self.buffer[:4]
        return super().feed(b"")

    def length(self, head: bytes) -> int:
        return int.from_bytes(head, "little")

    def body(self, whole: bytes) -> bytes:
        return whole[4:]


class ModbusFrame(CountedFrame):
    """Modbus TCP: transaction, protocol 0 and length, two bytes each and big endian; the body is the whole ADU."""

    head_size = 6

    def length(self, head: bytes) -> int:
        length = int.from_bytes(head[4:6], "big")
        if head[2:4] != b"\x00\x00" or not 2 <= length <= 254:
            raise Garbled("not a Modbus TCP header")
        return length

    def body(self, whole: bytes) -> bytes:
        return whole


FRAMES: dict[Framing, type[CloseFrame] | type[HttpFrame] | type[LengthFrame] | type[LinesFrame] | type[ModbusFrame]] = {
    Framing.CLOSE: CloseFrame,
    Framing.HTTP: HttpFrame,
    Framing.LINES: LinesFrame,
    Framing.LENGTH_LE32: LengthFrame,
    Framing.MODBUS: ModbusFrame,
}


def length_prefixed(body: bytes) -> bytes:
    """A Whatsminer API 3 frame around `body`."""
    return len(body).to_bytes(4, "little") + body
