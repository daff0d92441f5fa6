"""Stock Antminers: the whole configuration is read and written back with another mode, over Digest on HTTP 80.

What is not written back is lost, the pools above all. The write calls `bitmain-freq-level` `freq-level`, and firmware
differs in whether it heeds `miner-mode` or `bitmain-work-mode`, so both are written. There is no watt target.
Source: block/proto-fleet's antminer plugin, asic-rs; field notes, section 4.
"""

from typing import Any, Final

import msgspec

from cango_ops.http_frame import http_get, http_post
from cango_ops.wire import Ask, Conversation, Framing, Garbled, NoAnswer
from compute.protocols import fields
from compute.protocols.orders.order import SLEEP, WAKE, Kept, Ready, Refusal, Wish, known, over_http
from compute.protocols.signing import Login, Signer
from compute.protocols.trees import parse_tree

WEB_PORT: Final = 80
READ: Final = "/cgi-bin/get_miner_conf.cgi"
WRITE: Final = "/cgi-bin/set_miner_conf.cgi"
MODES: Final = {SLEEP: 1, WAKE: 0}
RENAMED: Final = {"bitmain-freq-level": "freq-level"}
DONE: Final = "M000"


def with_mode(conf: dict[str, Any], mode: int) -> dict[str, Any]:
    """What to write back. Raises Refusal where pools would be lost."""
    if not conf.get("pools"):
        raise Refusal("its configuration names no pools: writing it back would leave it without")
    written = {RENAMED.get(name, name): value for name, value in conf.items()}
    said = conf.get("bitmain-work-mode", conf.get("miner-mode", ""))
    value: int | str = mode if isinstance(said, int) else str(mode)
    return written | {"miner-mode": value, "bitmain-work-mode": value}


def parse_done(raw: bytes) -> str:
    """The machine's word. Raises Refusal for every code but M000, Garbled for what is no answer."""
    tree = parse_tree(raw)
    code, message = fields.text(tree.get("code")), fields.text(tree.get("msg")) or ""
    if code is None:
        raise Garbled("no code")
    if code != DONE:
        raise Refusal(f"{code} {message}".strip())
    return f"{code} {message}".strip()


class AntminerOrders:
    """Sleep and wake."""

    verbs = frozenset((SLEEP, WAKE))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        signer = Signer(known(login))
        conf = parse_tree((yield from _read(signer)))
        body = msgspec.json.encode(with_mode(conf, MODES[wish.verb]))
        return Ready(lambda: _write(signer, body))


def _read(signer: Signer) -> Conversation[bytes]:
    """The configuration: the first question meets the challenge."""
    try:
        return (yield _get(signer))
    except NoAnswer as why:
        if not signer.learn(why):
            raise
    return (yield from over_http(_get(signer)))


def _get(signer: Signer) -> Ask:
    return Ask("get_miner_conf", http_get(READ, signer.headers("GET", READ)), Framing.HTTP, WEB_PORT)


def _write(signer: Signer, body: bytes) -> Conversation[str]:
    payload = http_post(WRITE, body, signer.headers("POST", WRITE))
    return parse_done((yield from over_http(Ask("set_miner_conf", payload, Framing.HTTP, WEB_PORT))))
