"""Bodies that are too long or never end, over real sockets: refused before anybody is asked who sends them."""

import socket
from collections.abc import Iterator

import pytest

from cango_ops.web.pages_handler import PagesHandler
from cango_ops.web.request_body import Bounds
from tests.live.server import Running, running

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"


@pytest.fixture
def server(redis_url: str) -> Iterator[Running]:
    with running(redis_url, pages=PagesHandler(Bounds(1 << 20, deadline_s=0.5))) as started:
        yield started


def answer(port: int, *parts: bytes) -> bytes:
    """What comes until the server closes. It may close while we still send."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        heard = b""
        try:
            for part in parts:
                wire.sendall(part)
            while data := wire.recv(4096):
                heard += data
        except (ConnectionResetError, BrokenPipeError):
            heard += received(wire)
        return heard


def received(wire: socket.socket) -> bytes:
    try:
        return wire.recv(4096)
    except OSError:
        return b""


def test_a_length_that_is_too_much_is_refused_before_a_byte_of_it(server: Running) -> None:
    said = answer(server.port, f"{HEAD}Content-Length: 99999999999999\r\n\r\n".encode())

    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in said
    assert said.endswith(b"At most 1 MiB are taken.\n")


def test_a_body_that_says_no_length_is_cut_off_at_the_limit(server: Running) -> None:
    chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"

    said = answer(server.port, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode(), *[chunk] * 5)

    assert said.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_never_ends_is_let_go_at_the_deadline(server: Running) -> None:
    said = answer(server.port, f"{HEAD}Content-Length: 100\r\n\r\nhalf".encode())

    assert said.startswith(b"HTTP/1.1 408 ")


def test_a_body_within_both_bounds_reaches_its_page(server: Running) -> None:
    said = answer(server.port, f"{HEAD}Connection: close\r\nContent-Length: 4\r\n\r\nname".encode())

    assert said.startswith(b"HTTP/1.1 403 ")  # a form without its token
