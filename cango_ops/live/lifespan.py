"""Start and end of the server: at its end the hub's tasks and the database's pool are closed."""

from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from cango_ops.live.client import Receive, Send
from cango_ops.live.listen import Listener


def close_pools() -> None:
    for connection in connections.all(initialized_only=True):
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


class Lifespan:
    """The ASGI protocol of that name."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.listener.stop()
                await sync_to_async(close_pools)()
                await send({"type": "lifespan.shutdown.complete"})
                return
