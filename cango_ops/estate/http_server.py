"""A small HTTP/1.1 server for the estate's web ports: requests whole, keep-alive, and a byte limit."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

import httptools
import msgspec

from cango_ops.estate.connection import Connection
from cango_ops.estate.world import World

MAX_BODY: Final = 1 << 18
JSON: Final = "application/json"
TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class HttpRequest(msgspec.Struct):
    """One request. headers: names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class HttpResponse(msgspec.Struct):
    """One response. hangs: nothing is said and the connection stays open."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = {}
    hangs: bool = False

    def encoded(self, keeps_alive: bool) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            f"Connection: {'keep-alive' if keeps_alive else 'close'}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


def json_response(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, msgspec.json.encode(value))


SILENCE: Final = HttpResponse(hangs=True)
Application = Callable[[HttpRequest, str], HttpResponse]


class HttpConnection(Connection):
    """One caller on one web port. application: answers (request, local address); knows_address: who is at home."""

    def __init__(self, world: World, application: Application, knows_address: Callable[[str], bool]) -> None:
        super().__init__(world)
        self.application = application
        self.knows_address = knows_address
        self.parser = httptools.HttpRequestParser(self)
        self.target = b""
        self.headers: dict[str, str] = {}
        self.body = b""

    def knows(self) -> bool:
        return self.knows_address(self.address)

    def data_received(self, data: bytes) -> None:
        if self.is_deaf:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.finish(HttpResponse(426).encoded(False))
        except httptools.HttpParserError:
            self.finish(HttpResponse(400).encoded(False))

    def on_message_begin(self) -> None:
        self.target, self.headers, self.body = b"", {}, b""

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body
        if len(self.body) > MAX_BODY:
            self.is_deaf = True
            self.finish(HttpResponse(413).encoded(False))

    def on_message_complete(self) -> None:
        if self.is_deaf:
            return
        path, _, query = self.target.decode("latin-1").partition("?")
        method = self.parser.get_method().decode("latin-1")
        request = HttpRequest(method, path, dict(parse_qsl(query)), self.headers, self.body)
        self._send(self.application(request, self.address), self.parser.should_keep_alive())

    def _send(self, response: HttpResponse, keeps_alive: bool) -> None:
        if response.hangs:
            self.keep_silent()
        elif keeps_alive:
            self.transport.write(response.encoded(True))
        else:
            self.is_deaf = True
            self.finish(response.encoded(False))
