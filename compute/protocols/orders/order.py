"""What a machine can be told, in one shape for every language. Pure.

An order has two conversations. `prepare` asks what is needed (a token, a session, the present configuration) and
changes nothing; it returns a `Ready`. `Ready.act` begins with the writing question itself, so that a driver can put
"sent" on record between the two, and asks it once. `Ready.leave` gives back what `prepare` took where nothing follows.

`act` returns the machine's word of acceptance. It raises Refusal where the machine surely did nothing; NoAnswer or
Garbled leave open what it did. NoAnswer("refused") and ("unreachable") say that no byte of the first question left.
"""

from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from cango_ops.wire import Ask, Conversation, NoAnswer
from compute.protocols.signing import Login

SLEEP: Final = "sleep"
WAKE: Final = "wake"
POWER_LIMIT: Final = "power_limit"
SETPOINT: Final = "setpoint"
LONGEST_WORDS: Final = 200

# What is remembered of one machine between two orders, such as a token; the driver keeps it.
Kept = dict[str, object]


class Refusal(Exception):
    """The machine said no, or cannot: nothing was changed."""


class Wish(msgspec.Struct, frozen=True):
    """An absolute target. limit_w: for a power limit.   at: Unix time of the driver, for languages that want it.

    setpoint_w, good_for_s, unit_id: for a battery, above zero it gives; after that time it goes back to rest.
    """

    verb: str
    limit_w: int | None = None
    at: int = 0
    setpoint_w: int | None = None
    good_for_s: int = 0
    unit_id: int = 1


class Answer(msgspec.Struct, frozen=True):
    """What came of a conversation that came to an end. words: what the machine said, or why not."""

    is_yes: bool
    words: str = ""


class Ready(msgspec.Struct, frozen=True):
    """A machine that is ready to be told."""

    act: Callable[[], Conversation[str]]
    leave: Callable[[], Conversation[None]] | None = None


class Orders(Protocol):
    """One language's. verbs: what its machines can be told."""

    verbs: frozenset[str]

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]: ...


def preparing(orders: Orders, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready | Answer]:
    """`prepare`, with a refusal as an answer."""
    try:
        return (yield from orders.prepare(wish, login, kept))
    except Refusal as why:
        return Answer(False, str(why)[:LONGEST_WORDS])


def acting(ready: Ready) -> Conversation[Answer]:
    """`act`, with a refusal as an answer."""
    try:
        words = yield from ready.act()
    except Refusal as why:
        return Answer(False, str(why)[:LONGEST_WORDS])
    return Answer(True, words[:LONGEST_WORDS])


def http_status(why: NoAnswer) -> int:
    """The status of a denied or failed HTTP request, 0 where there was none."""
    digits = why.detail.removeprefix("HTTP ")
    return int(digits) if digits.isdecimal() else 0


def over_http(ask: Ask, *, absent: str = "") -> Conversation[bytes]:
    """The body. A status of 400 to 499 is a Refusal: such a request was not carried out. absent: what a 404 means."""
    try:
        return (yield ask)
    except NoAnswer as why:
        status = http_status(why)
        if why.reason == "denied":
            raise Refusal("it does not take the sign-in") from why
        if status == 404 and absent:
            raise Refusal(absent) from why
        if 400 <= status < 500:
            raise Refusal(f"it refused (HTTP {status})") from why
        raise


def known(login: Login | None) -> Login:
    if login is None:
        raise Refusal("no sign-in is known for it")
    return login
