"""vLLM's sleep mode: POST /sleep?level=1 and /wake_up, there only with VLLM_SERVER_DEV_MODE=1 and --enable-sleep-mode.

Level 1 moves the weights into host memory and needs no reload; level 2 gives them up and is not used here.
`GET /is_sleeping` changes nothing and tells beforehand whether the server can do it. Source: vLLM's documents.
"""

from typing import Final

from cango_ops.http_frame import http_get, http_post
from cango_ops.wire import Ask, Conversation, Framing
from compute.protocols.orders.order import SLEEP, WAKE, Kept, Ready, Wish, over_http
from compute.protocols.signing import Login

PATHS: Final = {SLEEP: "/sleep?level=1", WAKE: "/wake_up"}
NO_SLEEP_MODE: Final = "the server runs without its development mode: it has no /is_sleeping"


class VllmOrders:
    """Sleep and wake. port: where the server listens, None for the device's own port."""

    verbs = frozenset((SLEEP, WAKE))

    def __init__(self, port: int | None = None) -> None:
        self.port = port

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        question = Ask("is_sleeping", http_get("/is_sleeping"), Framing.HTTP, self.port)
        yield from over_http(question, absent=NO_SLEEP_MODE)
        return Ready(lambda: _write(Ask(wish.verb, http_post(PATHS[wish.verb], b""), Framing.HTTP, self.port)))


def _write(question: Ask) -> Conversation[str]:
    yield from over_http(question)
    return "HTTP 200"
