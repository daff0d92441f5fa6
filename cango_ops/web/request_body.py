"""Bounds what a caller may send before anything of ours looks at it: so many bytes, within so many seconds.

Django's ASGI handler keeps a whole body, however long and however slow, before it knows who sends it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GONE: Final[Message] = {"type": "http.disconnect"}


class Bounds(NamedTuple):
    """A little more than the largest upload, which its form then refuses in its own words; that over 400 kbit/s."""

    limit_bytes: int = 6 << 20
    deadline_s: float = 120.0


USUAL: Final = Bounds()


class Refusal(NamedTuple):
    """Why a body was not read to its end."""

    status: HTTPStatus
    words: str


class Body:
    """The messages of one request. Once a bound is passed the caller counts as gone, and `refusal` says why."""

    def __init__(self, receive: Receive, headers: Iterable[tuple[bytes, bytes]], bounds: Bounds) -> None:
        self.receive = receive
        self.bounds = bounds
        self.until = asyncio.get_running_loop().time() + bounds.deadline_s
        self.heard_bytes = 0
        self.is_whole = False
        self.refusal = self.too_large() if announced_bytes(headers) > bounds.limit_bytes else None

    async def __call__(self) -> Message:
        if self.is_whole:
            return await self.receive()
        try:
            async with asyncio.timeout_at(self.until):
                message = await self.receive()
        except TimeoutError:
            self.refusal = Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request did not come to its end in time.")
            return GONE
        self.heard_bytes += len(message.get("body", b""))
        if self.heard_bytes > self.bounds.limit_bytes:
            self.refusal = self.too_large()
            return GONE
        self.is_whole = not message.get("more_body", False)
        return message

    def too_large(self) -> Refusal:
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {self.bounds.limit_bytes >> 20} MiB are taken.")


def announced_bytes(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The length said in front of the body; 0 where none is."""
    said = [value for name, value in headers if name == b"content-length" and value.isdigit()]
    return int(said[0][:20]) if said else 0


async def tell(send: Send, why: Refusal) -> None:
    """One sentence, and the end of the connection: what is still on its way is not read."""
    body = f"{why.words}\n".encode()
    headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close",
               "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
               "Content-Security-Policy": "default-src 'none'"}  # fmt: skip
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(why.status), "headers": lines})
    await send({"type": "http.response.body", "body": body})
