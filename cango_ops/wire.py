"""What is said on a wire, and the frames it comes in. Pure: bytes in, messages out, no sockets.

A conversation is a generator that yields `Ask`s, is sent the answer's bytes, and returns what it learnt. Whoever
drives it (the collector's loop, a command line, a folder of recorded answers) owns sockets, clocks and deadlines;
the conversation owns none. An answer that did not come is thrown into it as `NoAnswer`.

A driver makes one `frame_of(ask)` per ask, feeds it what arrives until it returns the whole body, and calls `eof()`
when the peer closed. Frames raise only `Garbled` and `NoAnswer`.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from enum import Enum
from functools import lru_cache
from typing import Protocol, TypeVar

import msgspec

DEFAULT_LIMIT_BYTES = 1 << 20
DEFAULT_DEADLINE_S = 5.0
HEAD_LIMIT_BYTES = 16 << 10
CHUNK_LINE_LIMIT_BYTES = 1 << 10
# Headers that may come several times, each with something to choose from.
SEVERAL = ("www-authenticate", "transfer-encoding")


class Garbled(ValueError):
    """The one error a parser raises: the bytes do not say what their protocol demands."""


class NoAnswer(Exception):
    """Nothing usable came back; `reason` is one of REASONS. challenge: what a denied HTTP request has to answer."""

    def __init__(self, reason: str, detail: str = "", challenge: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.challenge = challenge


# denied: the machine wants a sign-in (HTTP 401, 403).   bad_status: any other HTTP status that carries no answer.
REASONS = ("refused", "unreachable", "deadline", "too_large", "closed", "denied", "bad_status", "not_recorded")
# The same for people, and what is said of an answer that nobody can read.
IN_WORDS = {
    "refused": "connection refused", "unreachable": "no way to it", "deadline": "no whole answer in time",
    "too_large": "its answer has no end", "closed": "it hung up", "denied": "its login was refused",
    "bad_status": "it answered with an error", "not_recorded": "not recorded", "garbled": "its answer makes no sense",
}  # fmt: skip


class Framing(Enum):
    """How the end of an answer is known."""

    CLOSE = "close"  # cgminer family: the machine closes after its answer
    HTTP = "http"  # HTTP/1.1: content-length, chunked, or close
    LENGTH_LE32 = "length_le32"  # Whatsminer v3: four bytes little endian, then JSON
    LINES = "lines"  # Electrum: JSON-RPC, a line for each line that was sent
    MODBUS = "modbus"  # Modbus TCP: MBAP header holds the length


class Ask(msgspec.Struct, frozen=True):
    """One request of a conversation: the bytes to send and how to know that the answer is whole.

    name: the command, the same word as the file of a recorded answer ("summary", "stats", "metrics").
    payload: every byte to send.   framing: how the answer ends.   port: None means the device's own port.
    limit_bytes: an answer longer than this is given up as too large.
    """

    name: str
    payload: bytes
    framing: Framing = Framing.CLOSE
    port: int | None = None
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def __repr__(self) -> str:
        """Without the payload, in which a password may stand."""
        return f"Ask({self.name!r}, {len(self.payload)} bytes)"


T = TypeVar("T")
Conversation = Generator[Ask, bytes, T]


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


class LengthFrame(CountedFrame):
    """Four bytes little endian, then so many bytes: Whatsminer API 3."""

    head_size = 4

    def length(self, head: bytes) -> int:
        length = int.from_bytes(head, "little")
        if not length:
            raise Garbled("a frame of no bytes")
        return length

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


class HttpFrame:
    """One HTTP/1.x response; the body of a 2xx, else NoAnswer (denied, bad_status).

    Interim 1xx responses are skipped, a chunked body wins over a content-length, bytes after the body are ignored.
    """

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.buffer = bytearray()
        self.headers: dict[str, str] | None = None
        self.length: int | None = None
        self.chunks: bytearray | None = None

    def feed(self, data: bytes) -> bytes | None:
        self.buffer += data
        while self.headers is None:
            if not self._take_head():
                return None
        if self.chunks is not None:
            return self._take_chunks()
        if self.length is None:
            self._bound(len(self.buffer))
            return None
        return bytes(self.buffer[: self.length]) if len(self.buffer) >= self.length else None

    def eof(self) -> bytes:
        if self.headers is None or self.length is not None or self.chunks is not None:
            raise NoAnswer("closed", "closed inside an HTTP response")
        return bytes(self.buffer)

    def _take_head(self) -> bool:
        """Moves one response head out of the buffer; False while it is not all there."""
        end, gap = _head_end(self.buffer)
        if end > HEAD_LIMIT_BYTES or (end < 0 and len(self.buffer) > HEAD_LIMIT_BYTES):
            raise NoAnswer("too_large", "HTTP head")
        if not b"HTTP/1.".startswith(bytes(self.buffer[:7])):
            raise Garbled("not an HTTP/1 response")
        if end < 0:
            return False
        status, headers = _parse_head(bytes(self.buffer[:end]))
        del self.buffer[: end + gap]
        if 100 <= status < 200:
            return True
        _raise_for(status, headers)
        self.headers = headers
        self._expect_body(status, headers)
        return True

    def _expect_body(self, status: int, headers: Mapping[str, str]) -> None:
        if headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise Garbled("a compressed body was not asked for")
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self.chunks = bytearray()
        elif status == 204:
            self.length = 0
        elif "content-length" in headers:
            self.length = _content_length(headers["content-length"])
            self._bound(self.length)

    def _take_chunks(self) -> bytes | None:
        chunks = self.chunks
        assert chunks is not None
        while True:
            line_end = self.buffer.find(b"\n")
            if line_end > CHUNK_LINE_LIMIT_BYTES or (line_end < 0 and len(self.buffer) > CHUNK_LINE_LIMIT_BYTES):
                raise Garbled("an endless chunk line")
            if line_end < 0:
                return None
            size = _chunk_size(bytes(self.buffer[:line_end]))
            self._bound(len(chunks) + size)
            if size == 0:
                return bytes(chunks)
            if len(self.buffer) < line_end + 1 + size + 2:
                return None
            chunks += self.buffer[line_end + 1 : line_end + 1 + size]
            del self.buffer[: line_end + 1 + size]
            del self.buffer[: 2 if self.buffer.startswith(b"\r\n") else 1]

    def _bound(self, size: int) -> None:
        if size > self.limit_bytes:
            raise NoAnswer("too_large", f"HTTP body of more than {self.limit_bytes} bytes")


FRAMES: dict[Framing, type[CloseFrame] | type[HttpFrame] | type[LengthFrame] | type[LinesFrame] | type[ModbusFrame]] = {
    Framing.CLOSE: CloseFrame,
    Framing.HTTP: HttpFrame,
    Framing.LINES: LinesFrame,
    Framing.LENGTH_LE32: LengthFrame,
    Framing.MODBUS: ModbusFrame,
}


def http_get(path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Every byte of a GET that asks the peer to close afterwards."""
    return _request("GET", path, headers, b"") if headers else _bare_get(path)


@lru_cache(maxsize=512)
def _bare_get(path: str) -> bytes:
    """The same few pages are asked of every machine."""
    return _request("GET", path, None, b"")


def http_post(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Every byte of a POST of JSON (or of what a content-type in `headers` says)."""
    return _request("POST", path, {"Content-Type": "application/json", **(headers or {})}, body)


def http_put(path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """Every byte of a PUT of JSON."""
    return _request("PUT", path, {"Content-Type": "application/json", **(headers or {})}, body)


def length_prefixed(body: bytes) -> bytes:
    """A Whatsminer API 3 frame around `body`."""
    return len(body).to_bytes(4, "little") + body


def _request(method: str, path: str, headers: Mapping[str, str] | None, body: bytes) -> bytes:
    # The machine is reached by address, so its own name is not known here; servers only ask that a Host is there.
    lines = [f"{method} {path} HTTP/1.1", "Host: device", "Accept: */*", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method != "GET":
        lines.append(f"Content-Length: {len(body)}")
    if any(set("\r\n") & set(line) for line in lines):
        raise ValueError("a line break inside an HTTP head")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _head_end(buffer: bytearray) -> tuple[int, int]:
    """Where the head ends and how long the blank line is; (-1, 0) while it has not come."""
    found = [(at, len(gap)) for gap in (b"\r\n\r\n", b"\n\n") if (at := buffer.find(gap)) >= 0]
    return min(found, default=(-1, 0))


def _parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    words = first.split(" ", 2)
    if len(words) < 2 or len(words[1]) != 3 or not (words[1].isascii() and words[1].isdigit()):
        raise Garbled("no HTTP status")
    headers: dict[str, str] = {}
    for line in rest:
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if line[:1] in (" ", "\t") and headers:  # folded, as the first version of HTTP/1.1 allowed
            headers[next(reversed(headers))] += " " + line.strip()
            continue
        if not colon or not key:
            raise Garbled("an HTTP header without a name")
        if key == "content-length" and headers.get(key, value.strip()) != value.strip():
            raise Garbled("two content-lengths")
        headers[key] = f"{headers[key]}, {value.strip()}" if key in SEVERAL and key in headers else value.strip()
    return int(words[1]), headers


def _raise_for(status: int, headers: Mapping[str, str]) -> None:
    if status in (401, 403):
        raise NoAnswer("denied", f"HTTP {status}", headers.get("www-authenticate", ""))
    if not 200 <= status < 300:
        raise NoAnswer("bad_status", f"HTTP {status}")


def _content_length(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Garbled("a content-length that is no number")
    return int(text)


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";", 1)[0].strip()
    if not 1 <= len(digits) <= 8 or not all(c in b"0123456789abcdefABCDEF" for c in digits):
        raise Garbled("a chunk size that is no number")
    return int(digits, 16)
