"""Answers HTTP: the whole chain of middleware and view of a request in one kept thread, one hop from the event loop.

Django's own ASGI handler goes to a thread and back for each sync middleware that follows an async one, and makes a new
thread for each request: measured 1.4 ms of a page that takes 4 (docs/benchmarks.md). All views here are sync.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cango_ops.web.request_body import USUAL, Body, Bounds, Receive, Send, tell

# More than the pool has connections, so that what needs none is answered while slow statements hold them all.
THREADS: Final = 32


class PagesHandler(ASGIHandler):
    """Django's handler with a sync chain and bounded bodies."""

    def __init__(self, bounds: Bounds = USUAL) -> None:
        super().__init__()
        self.bounds = bounds
        self.load_middleware(is_async=False)
        self._sync_chain: Callable[[HttpRequest], HttpResponseBase] = vars(self)["_middleware_chain"]
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._middleware_chain = sync_to_async(self._answer, thread_sensitive=False, executor=threads)

    async def handle(self, scope: Any, receive: Receive, send: Send) -> None:
        body = Body(receive, scope["headers"], self.bounds)
        if body.refusal is None:
            await super().handle(scope, body, send)
        if body.refusal is not None:
            await tell(send, body.refusal)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """Gives the thread's connection back itself: Django's end of the request comes in another thread."""
        try:
            return self._sync_chain(request)
        finally:
            close_old_connections()
