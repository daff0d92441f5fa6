"""A real server on a free port, in a thread of this process, so that it shares the test's database."""

import contextlib
import json
import socket as sockets
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from websockets.asyncio.client import ClientConnection, connect

from cango_ops import asgi
from cango_ops.base.models import User
from cango_ops.live import socket
from cango_ops.live.hub import Hub, Limits
from cango_ops.live.lifespan import Lifespan
from cango_ops.live.listen import Listener
from cango_ops.web.pages_handler import PagesHandler

assert asgi.topics.RULES, "the server's wiring registers who may follow what"


class Running:
    """The server's port, and its hub to look into."""

    def __init__(self, port: int, hub: Hub, listener: Listener, server: uvicorn.Server) -> None:
        self.port = port
        self.hub = hub
        self.listener = listener
        self.server = server

    def open(self, session: str | None, origin: str | None = "same") -> connect:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
        where = f"http://127.0.0.1:{self.port}" if origin == "same" else origin
        address = f"ws://127.0.0.1:{self.port}/live"
        return connect(address, origin=where, additional_headers=headers, compression=None)


@contextlib.contextmanager
def running(redis_url: str, limits: Limits | None = None, pages: PagesHandler | None = None) -> Iterator[Running]:
    hub = Hub(redis_url, limits)
    listener = Listener(hub)
    application = ProtocolTypeRouter(
        {
            "http": pages or PagesHandler(),
            "websocket": socket.application(hub, listener),
            "lifespan": Lifespan(listener),
        }
    )
    with sockets.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        config = uvicorn.Config(application, ws="websockets-sansio", log_level="warning", timeout_graceful_shutdown=3)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield Running(listening.getsockname()[1], hub, listener, server)
        finally:
            server.should_exit = True
            thread.join()


def session_of(user: User) -> str:
    """The key of a signed-in session."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


async def hear(connection: ClientConnection, *, beats: bool = False) -> dict[str, Any]:
    """The next message that is neither hello nor beat."""
    while True:
        said = json.loads(await connection.recv())
        if beats or not {"hello", "beat"} & said.keys():
            return said


async def follow(connection: ClientConnection, *topics: str) -> None:
    await connection.send(json.dumps({"subscribe": topics}))
