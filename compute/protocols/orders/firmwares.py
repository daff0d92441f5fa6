"""Firmware that is told over plain HTTP: VNish, ePIC, Proto rigs, Bitaxe.

VNish: a password gives a token (429: too many tries), stop and start answer an empty body. ePIC: the password stands
in every body, and a 200 may still hold {"result":false}. Their watts are presets or tuners, no absolute limits, so
there is none here. Source: VNish OpenAPI 1.3.4, ePIC OpenAPI 1.30.0, MDK-API 1.8.2, ESP-Miner's OpenAPI.
"""

from typing import Final

import msgspec

from cango_ops.http_frame import http_post
from cango_ops.wire import Ask, Conversation, Framing
from compute.protocols import fields
from compute.protocols.braiins_web import parse_token
from compute.protocols.orders.order import SLEEP, WAKE, Kept, Ready, Refusal, Wish, known, over_http
from compute.protocols.signing import Login
from compute.protocols.trees import parse_tree

WEB_PORT: Final = 80


def post(
    name: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, port: int | None = None
) -> Ask:
    return Ask(name, http_post(path, body, headers), Framing.HTTP, port)


def done(ask: Ask) -> Conversation[str]:
    raw = yield from over_http(ask)
    return raw[:100].decode("utf-8", "replace").strip() or "done"


class VnishOrders:
    """Sleep and wake."""

    verbs = frozenset((SLEEP, WAKE))
    words: Final = {SLEEP: "stop", WAKE: "start"}

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        pw = msgspec.json.encode({"pw": known(login).password})
        token = parse_token((yield from over_http(post("unlock", "/api/v1/unlock", pw, port=WEB_PORT))))
        word, headers = self.words[wish.verb], {"Authorization": f"Bearer {token}"}
        return Ready(lambda: done(post(f"mining_{word}", f"/api/v1/mining/{word}", b"", headers, WEB_PORT)))


class EpicOrders:
    """Sleep and wake."""

    verbs = frozenset((SLEEP, WAKE))
    words: Final = {SLEEP: "Stop", WAKE: "Autostart"}

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        body = msgspec.json.encode({"param": self.words[wish.verb], "password": known(login).password})
        yield from ()  # nothing has to be asked first
        return Ready(lambda: _epic(post("miner", "/miner", body)))


def _epic(ask: Ask) -> Conversation[str]:
    tree = parse_tree((yield from over_http(ask)))
    if tree.get("result") is not True:
        raise Refusal(fields.text(tree.get("error")) or "refused without a reason")
    return "result true"


class ProtoOrders:
    """Sleep and wake."""

    verbs = frozenset((SLEEP, WAKE))
    words: Final = {SLEEP: "stop", WAKE: "start"}

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        word = self.words[wish.verb]
        yield from ()  # nothing has to be asked first
        return Ready(lambda: done(post(f"mining_{word}", f"/api/v1/mining/{word}")))


class BitaxeOrders:
    """Sleep and wake; no sign-in by default."""

    verbs = frozenset((SLEEP, WAKE))
    words: Final = {SLEEP: "pause", WAKE: "resume"}

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        word = self.words[wish.verb]
        yield from ()  # nothing has to be asked first
        return Ready(lambda: done(post(f"system_{word}", f"/api/system/{word}")))
