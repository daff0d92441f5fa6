"""Whatsminer API 3 on TCP 4433: stop, start and the power limit, signed under the account `super`.

token = the first eight characters of base64(SHA-256(command + password + salt + ts)). Each conversation opens a
connection of its own, and the write is its only question: a frame of this language would otherwise be asked again
over a new connection where the old one was closed. Source: MicroBT API 3.0, pyasic's btminer v3.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Any, Final

import msgspec

from cango_ops.frames import length_prefixed
from cango_ops.wire import Ask, Conversation, Framing, Garbled
from compute.protocols import fields
from compute.protocols.orders.order import POWER_LIMIT, SLEEP, WAKE, Kept, Ready, Refusal, Wish, known
from compute.protocols.signing import Login
from compute.protocols.trees import parse_tree
from compute.protocols.whatsminer_v3 import ask, parse_message

ACCOUNT: Final = "super"


def token_of(command: str, password: str, salt: str, ts: int) -> str:
    return b64encode(sha256(f"{command}{password}{salt}{ts}".encode()).digest()).decode()[:8]


def command_of(wish: Wish) -> tuple[str, Any]:
    if wish.verb == POWER_LIMIT:
        return "set.miner.power_limit", wish.limit_w
    return "set.miner.service", "stop" if wish.verb == SLEEP else "start"


class WhatsminerV3Orders:
    """Sleep, wake and power limit."""

    verbs = frozenset((SLEEP, WAKE, POWER_LIMIT))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        password = known(login).password
        salt = fields.text(parse_message((yield ask("get.device.info", "salt"))).get("salt"))
        if salt is None:
            raise Garbled("no salt")
        command, param = command_of(wish)
        body = {
            "cmd": command, "param": param, "ts": wish.at, "token": token_of(command, password, salt, wish.at),
            "account": ACCOUNT,
        }  # fmt: skip
        payload = length_prefixed(msgspec.json.encode(body))
        return Ready(lambda: _write(Ask(command.replace(".", "_"), payload, Framing.LENGTH_LE32)))


def _write(question: Ask) -> Conversation[str]:
    answer = parse_tree((yield question))
    code, said = answer.get("code"), fields.text(answer.get("msg")) or ""
    if not isinstance(code, int):
        raise Garbled("no code")
    if code != 0:
        raise Refusal(f"{said or 'refused'} (code {code})")
    return said or "done"
