"""HTTP/1.1 as machines, exporters and providers speak it: requests in bytes, and the frame of their answers. Pure."""

from collections.abc import Mapping
from functools import lru_cache

from cango_ops.wire import DEFAULT_LIMIT_BYTES, Garbled, NoAnswer

HEAD_LIMIT_BYTES = 16 << 10
CHUNK_LINE_LIMIT_BYTES = 1 << 10
MAX_RETRY_AFTER_S = 86_400
# Headers that may come several times, each with something to choose from.
SEVERAL = ("www-authenticate", "transfer-encoding")


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
        raise NoAnswer("bad_status", f"HTTP {status}", retry_after_s=_retry_after_s(headers.get("retry-after", "")))


def _retry_after_s(said: str) -> int | None:
    """Seconds of a Retry-After, at most a day. Nobody here sends the other form, a date."""
    return min(int(said), MAX_RETRY_AFTER_S) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _content_length(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Garbled("a content-length that is no number")
    return int(text)


def _chunk_size(line: bytes) -> int:
    digits = line.split(b";", 1)[0].strip()
    if not 1 <= len(digits) <= 8 or not all(c in b"0123456789abcdefABCDEF" for c in digits):
        raise Garbled("a chunk size that is no number")
    return int(digits, 16)
