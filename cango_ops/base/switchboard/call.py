"""What the switchboard is asked to do and what came of it. Pure."""

from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple

import msgspec

from cango_ops.base.switchboard.reach import NOWHERE, Reach
from cango_ops.wire import DEFAULT_DEADLINE_S, Conversation

GARBLED: Final = "garbled"


class Call(msgspec.Struct, frozen=True, gc=False):
    """One machine to be talked to.

    key: whatever tells the caller which machine this is.   begin: makes the conversation when its turn comes.
    group: calls of one group share a limit (a container, a meter's site).   total_s: the whole conversation's time.
    reach: where the call may lead, checked before each connection; without it, nowhere.
    """

    key: Any
    address: str
    port: int
    begin: Callable[[], Conversation[Any]]
    group: Hashable = None
    total_s: float = DEFAULT_DEADLINE_S
    reach: Reach = NOWHERE


class Outcome(NamedTuple):
    """How a call ended. failure: None, one of wire.REASONS, or "garbled"; then `detail` says more, result is None."""

    call: Call
    result: Any
    failure: str | None
    detail: str
    seconds: float


class Limits(msgspec.Struct, frozen=True):
    """at_once: calls under way that count, of all groups and of one.   open_at_most: all calls under way.

    connect_s: how long a machine may take to accept.   patience_s: a call that has waited so long, and twice as long as
    its group's answers took lately, no longer counts: so neither hung machines nor a dark container hold up the others.
    Where answers are slow the way there is crowded, and more calls would only crowd it more.
    """

    at_once: int = 1000
    at_once_per_group: int = 32
    open_at_most: int = 8000
    connect_s: float = 2.5
    patience_s: float = 0.5
