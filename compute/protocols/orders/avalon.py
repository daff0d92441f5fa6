"""Avalon on TCP 4028: soft off and soft on through `ascset`. The number behind them is the moment to act, Unix time.

The answer is of kind I (information) with code 118; that is a yes. Work modes are no watts, so there is no limit.
Source: field notes, section 4; recorded answers.
"""

from typing import Final

from cango_ops.wire import Conversation
from compute.protocols import cgminer
from compute.protocols.orders.braiins import word_of
from compute.protocols.orders.order import SLEEP, WAKE, Kept, Ready, Wish
from compute.protocols.signing import Login

VERBS: Final = {SLEEP: "softoff", WAKE: "softon"}


class AvalonOrders:
    """Sleep and wake."""

    verbs = frozenset((SLEEP, WAKE))

    def prepare(self, wish: Wish, login: Login | None, kept: Kept) -> Conversation[Ready]:
        yield from ()  # nothing has to be asked first
        return Ready(lambda: _write(f"0,{VERBS[wish.verb]},1:{wish.at}"))


def _write(parameter: str) -> Conversation[str]:
    return word_of((yield cgminer.ask("ascset", parameter=parameter)))
