"""Whatsminer API 2 on TCP 4028: commands sealed with a token.

A token lives half an hour and a machine grants sixteen, so it is kept and not fetched for each command.
key = md5crypt(password, salt); sign = md5crypt(key + time, newsalt); AES-256-ECB under SHA-256 of the key's text, zeros
as padding, base64; the answer comes under the same lock. The limit in watts is text, and setting it restarts the
machine: minutes without hashing. Source: MicroBT API 2.0.5, pyasic's btminer; field notes, section 4.
"""

from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from hashlib import sha256
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cango_ops.wire import Ask, Conversation, Garbled
from compute.protocols import cgminer, fields
from compute.protocols.cgminer import parse_any
from compute.protocols.md5crypt import md5crypt
from compute.protocols.orders.order import POWER_LIMIT, SLEEP, WAKE, Kept, Ready, Refusal, Wish, known
from compute.protocols.signing import Login
from compute.protocols.trees import parse_tree

BLOCK: Final = 16
OK: Final = 131
GOT_TOKEN: Final = 134
BAD_TOKEN: Final = 135
NO_WRITES: Final = "can't access write cmd"
# Half an hour, less what a slow machine and a drifting clock may take.
TOKEN_S: Final = 1500


class Token(msgspec.Struct, frozen=True):
    """A granted token. key: what seals; sign: what each command carries."""

    key: str
    sign: str
    at: int


def parse_grant(raw: bytes, password: str, at: int) -> Token:
    reply = parse_any(raw)
    message = reply.get("Msg")
    if fields.count(reply.get("Code")) != GOT_TOKEN or not isinstance(message, dict):
        raise Refusal(f"it grants no token: {fields.text(message) or 'no reason given'}")
    time, salt, newsalt = (fields.text(message.get(name)) for name in ("time", "salt", "newsalt"))
    if not (time and salt and newsalt):
        raise Garbled("a token without its salts")
    key = md5crypt(password, salt)
    return Token(key, md5crypt(key + time, newsalt), at)


def _cipher(key: str) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(sha256(key.encode()).digest()), modes.ECB())  # noqa: S305 - what the machines speak


def seal(body: dict[str, Any], key: str) -> bytes:
    """The bytes of a sealed command."""
    data = msgspec.json.encode(body)
    data += b"\0" * (-len(data) % BLOCK)
    encryptor = _cipher(key).encryptor()
    text = b64encode(encryptor.update(data) + encryptor.finalize()).decode()
    return msgspec.json.encode({"enc": 1, "data": text})


def unseal(raw: bytes, key: str) -> dict[str, Any]:
    """The answer, sealed or (where the machine could not even read the command) plain. Raises Garbled."""
    tree = parse_any(raw)
    sealed = tree.get("enc")
    if not isinstance(sealed, str):
        return tree
    try:
        data = b64decode(sealed, validate=False)
    except NoBase64 as error:
        raise Garbled("not base64") from error
    if not data or len(data) % BLOCK:
        raise Garbled("not whole blocks")
    decryptor = _cipher(key).decryptor()
    return parse_tree((decryptor.update(data) + decryptor.finalize()).rstrip(b"\0"))


def command_of(wish: Wish) -> dict[str, str]:
    if wish.verb == SLEEP:
        return {"cmd": "power_off", "respbefore": "true"}
    if wish.verb == WAKE:
        return {"cmd": "power_on"}
    return {"cmd": "adjust_power_limit", "power_limit": str(wish.limit_w)}


class WhatsminerOrders:
    """Sleep, wake and power limit."""

    verbs = frozenset((SLEEP, WAKE, POWER_LIMIT))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        token = kept.get("token")
        if not isinstance(token, Token) or not 0 <= wish.at - token.at < TOKEN_S:
            password = known(login).password
            token = kept["token"] = parse_grant((yield cgminer.ask("get_token")), password, wish.at)
        return Ready(lambda: _write(wish, token, kept))


def _write(wish: Wish, token: Token, kept: Kept) -> Conversation[str]:
    command = command_of(wish)
    raw = yield Ask(command["cmd"], seal(command | {"token": token.sign}, token.key))
    answer = unseal(raw, token.key)
    code, said = fields.count(answer.get("Code")), fields.text(answer.get("Msg")) or ""
    if code == OK:
        return said or "done"
    if code is None:
        raise Garbled("no code")
    if code == BAD_TOKEN:
        kept.pop("token", None)
    if said == NO_WRITES:
        raise Refusal("writing is switched off on it (can't access write cmd)")
    raise Refusal(f"{said or 'refused'} (code {code})")
