"""The yardstick: the same push by channels' own group_send, in memory (its Redis layer would cost more, not less)."""

import asyncio
import json
from typing import Any

import redis.asyncio
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer, channel_layers
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.urls import path

from cango_ops.asgi import pages
from cango_ops.live.wake import CHANNEL


class Layer(InMemoryChannelLayer):
    """Without its housekeeping, which walks every channel at each send and would alone take seconds here."""

    def _clean_expired(self) -> None:
        pass


layer = Layer(capacity=1000)
tasks: list[asyncio.Task[None]] = []


class Follower(AsyncWebsocketConsumer):
    """Follows the one topic and passes on what the group is sent."""

    async def connect(self) -> None:
        if not tasks:
            tasks.append(asyncio.create_task(hear()))
        await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await layer.group_add("fleet", self.channel_name)
        await self.send('{"topic":"fleet","seq":0}')

    async def changed(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])


async def hear() -> None:
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        async for message in channel.listen():
            if message["type"] == "message":
                for topic, seq in json.loads(message["data"])["changed"]:
                    text = json.dumps({"topic": topic, "seq": seq})
                    await layer.group_send("fleet", {"type": "changed", "text": text})


# channels reads its layers from a setting of the console's, which has none: the yardstick brings its own.
channel_layers.backends["default"] = layer
application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([path("live", Follower.as_asgi())]))),
    }
)
