"""One open socket, seen from the hub: who it is, what it follows, and one place for the newest unsent word of each."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from cango_ops.base.models import User

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


class Client:
    """A slow reader costs one frame a topic: a newer word takes the place of the unsent older one."""

    __slots__ = ("checked_at", "farewell", "outbox", "send", "sending_since", "session_key", "sleep", "topics", "user")

    def __init__(self, send: Send, user: User, session_key: str) -> None:
        self.send = send
        self.user = user
        self.session_key = session_key
        self.topics: set[str] = set()
        self.outbox: dict[str, Message] = {}
        self.sleep: asyncio.Future[None] | None = None
        self.farewell: Message | None = None
        self.checked_at = time.monotonic()
        self.sending_since: float | None = None

    def put(self, place: str, message: Message) -> None:
        self.outbox[place] = message
        self.wake()

    def close(self, code: int, reason: str) -> None:
        """Ends the connection after what is still in the outbox."""
        if self.farewell is None:
            self.farewell = {"type": "websocket.close", "code": code, "reason": reason}
            self.wake()

    def wake(self) -> None:
        if self.sleep is not None and not self.sleep.done():
            self.sleep.set_result(None)

    async def write(self) -> None:
        """Sends what is put into the outbox, oldest place first, until the connection is closed."""
        loop = asyncio.get_running_loop()
        while True:
            self.sending_since = time.monotonic()
            while self.outbox:
                await self.send(self.outbox.pop(next(iter(self.outbox))))
            self.sending_since = None
            if self.farewell is not None:
                await self.send(self.farewell)
                return
            self.sleep = loop.create_future()
            await self.sleep
