"""The socket at /live: who may open it, what may be said on it, and when it is closed.

The browser says {"subscribe": ["fleet", "site/PECOS"]} or {"unsubscribe": [...]}; it hears {"hello": time},
{"topic", "seq"} for each topic at once and at each change, {"refused": topic}, and {"beat": time} now and then.
"""

import asyncio
import time
from typing import Any

import msgspec
from channels.auth import AuthMiddlewareStack
from channels.security.websocket import AllowedHostsOriginValidator

from cango_ops.base.database import AWAY
from cango_ops.live import rights
from cango_ops.live.client import Client, Receive, Send
from cango_ops.live.hub import NOT_SIGNED_IN, POLICY, TRY_LATER, Hub
from cango_ops.live.listen import Listener

PATH = "/live"


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """One message of a browser."""

    subscribe: list[str] = []
    unsubscribe: list[str] = []


class Refused(Exception):
    """What the client said or asked for ends the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Patience:
    """A bucket of messages that refills slowly."""

    def __init__(self, burst: int, per_s: float) -> None:
        self.left = float(burst)
        self.burst = burst
        self.per_s = per_s
        self.at = time.monotonic()

    def is_over(self) -> bool:
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.per_s) - 1
        self.at = now
        return self.left < 0


class Socket:
    """The application behind the checks of origin and session."""

    def __init__(self, hub: Hub, listener: Listener) -> None:
        self.hub = hub
        self.listener = listener

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if not scope["user"].is_authenticated:
            await turn_away(receive, send, NOT_SIGNED_IN, "sign in first")
            return
        # Not channels' wrapped send: that one looks at the session before each message, and ours never changes it.
        client = Client(scope["send"], scope["user"]._wrapped, scope["session"].session_key)
        self.listener.start()
        if not self.hub.join(client):
            await turn_away(receive, send, TRY_LATER, "too many connections of yours")
            return
        try:
            await receive()
            await send({"type": "websocket.accept"})
            await self.converse(client, receive)
        finally:
            self.hub.leave(client)

    async def converse(self, client: Client, receive: Receive) -> None:
        writer = asyncio.create_task(client.write())
        reader = asyncio.create_task(self.read(client, receive))
        try:
            await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writer, reader):
                task.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)

    async def read(self, client: Client, receive: Receive) -> None:
        patience = Patience(self.hub.limits.burst, self.hub.limits.messages_per_s)
        while (message := await receive())["type"] == "websocket.receive":
            try:
                await self.obey(client, self.understood(message, patience))
            except Refused as refusal:
                client.close(refusal.code, refusal.reason)
                await asyncio.sleep(5)
                return

    def understood(self, message: Any, patience: Patience) -> Wish:
        text = message.get("text")
        if text is None or len(text) > self.hub.limits.message_bytes:
            raise Refused(POLICY, "not a short text")
        if patience.is_over():
            raise Refused(POLICY, "too many messages")
        try:
            return msgspec.json.decode(text, type=Wish)
        except (msgspec.DecodeError, UnicodeError):
            raise Refused(POLICY, "not understood") from None

    async def obey(self, client: Client, wish: Wish) -> None:
        self.hub.unfollow(client, wish.unsubscribe)
        wanted = set(wish.subscribe)
        if len(wanted | client.topics) > self.hub.limits.topics or len(client.outbox) > 2 * self.hub.limits.topics:
            raise Refused(POLICY, "too many topics")
        try:
            numbers = await self.hub.look(rights.look_up, client.user, wanted)
        except AWAY:
            raise Refused(TRY_LATER, "the database is away") from None
        self.hub.follow(client, numbers)
        self.hub.refuse(client, wanted - numbers.keys())


class Door:
    """Turns away what need not, or cannot, be looked up in the database."""

    def __init__(self, inner: Any, hub: Hub) -> None:
        self.inner = inner
        self.hub = hub

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["path"] != PATH:
            await send({"type": "websocket.close"})
        elif len(self.hub.clients) >= self.hub.limits.connections:
            await turn_away(receive, send, TRY_LATER, "too many connections")
        elif not self.hub.database.is_here:
            await turn_away(receive, send, TRY_LATER, "the database is away")
        else:
            await self.pass_in(scope, receive, send)

    async def pass_in(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            await self.inner({**scope, "send": send}, receive, send)
        except AWAY:
            await turn_away(receive, send, TRY_LATER, "the database is away")


async def turn_away(receive: Receive, send: Send, code: int, reason: str) -> None:
    """Opens and closes: a browser learns the code of a close, never that of a refused opening."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})


def application(hub: Hub, listener: Listener) -> Any:
    return AllowedHostsOriginValidator(Door(AuthMiddlewareStack(Socket(hub, listener)), hub))
