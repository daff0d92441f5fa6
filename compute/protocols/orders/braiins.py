"""Braiins OS: pause, resume and the power target over REST `/api/v1` (from 25.07); pause and resume over RPC before.

`actions/pause` answers whether it was paused before, which is no failure either way. The power target is held against
the machine's own constraints first. Source: BOS OpenAPI 25.07 and 26.04, BOSminer API.
"""

from typing import Final

import msgspec

from cango_ops.http_frame import http_put
from cango_ops.wire import Ask, Conversation, Framing, NoAnswer
from compute.protocols import cgminer, fields
from compute.protocols.braiins_web import WEB_PORT, Rest, ask_login, parse_token
from compute.protocols.cgminer import parse_any, refused
from compute.protocols.orders.order import (
    POWER_LIMIT,
    SLEEP,
    WAKE,
    Kept,
    Ready,
    Refusal,
    Wish,
    http_status,
    known,
    over_http,
)
from compute.protocols.signing import Login
from compute.protocols.trees import at, parse_tree

ACTIONS: Final = {SLEEP: "pause", WAKE: "resume"}
OLDER: Final = ("refused", "unreachable")


class BraiinsOrders:
    """Sleep, wake and power limit; only the first two without REST."""

    verbs = frozenset((SLEEP, WAKE, POWER_LIMIT))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        try:
            token = parse_token((yield from over_http(ask_login(known(login)))))
        except (NoAnswer, Refusal) as why:
            if wish.verb == POWER_LIMIT or not is_older(why):
                raise
            return Ready(lambda: by_rpc(ACTIONS[wish.verb]))
        rest = Rest(token)
        if wish.verb == POWER_LIMIT:
            yield from within_constraints(rest, wish.limit_w or 0)
            body = msgspec.json.encode({"watt": wish.limit_w})
            return Ready(lambda: put(rest, "/performance/power-target", body))
        return Ready(lambda: put(rest, f"/actions/{ACTIONS[wish.verb]}", b""))


def is_older(why: Exception) -> bool:
    """Whether this firmware has no REST."""
    cause = why if isinstance(why, NoAnswer) else why.__cause__
    return isinstance(cause, NoAnswer) and (cause.reason in OLDER or http_status(cause) == 404)


def within_constraints(rest: Rest, limit_w: int) -> Conversation[None]:
    """Raises Refusal where the machine would not take it."""
    tree = parse_tree((yield from over_http(rest.ask("constraints", "/configuration/constraints"))))
    target = at(tree, "tuner_constraints", "power_target")
    least, most = fields.watts(at(target, "min", "watt")), fields.watts(at(target, "max", "watt"))
    if least is not None and most is not None and not least <= limit_w <= most:
        raise Refusal(f"it takes {least:.0f} to {most:.0f} W")


def put(rest: Rest, path: str, body: bytes) -> Conversation[str]:
    ask = Ask(path.rpartition("/")[2], http_put("/api/v1" + path, body, rest.headers), Framing.HTTP, WEB_PORT)
    raw = yield from over_http(ask)
    return raw[:60].decode("utf-8", "replace").strip() or "done"


def by_rpc(command: str) -> Conversation[str]:
    raw = yield cgminer.ask(command)
    return word_of(raw)


def word_of(raw: bytes) -> str:
    """The message of a reply of the cgminer family. Raises Refusal where it is an error, Garbled where it is none."""
    reply = parse_any(raw)
    no = refused(reply)
    if no:
        raise Refusal(no.removeprefix("refused: "))
    status = fields.rows(reply.get("STATUS"), 1)
    if not status:
        raise cgminer.Garbled("no STATUS")
    return fields.text(status[0].get("Msg")) or "done"
