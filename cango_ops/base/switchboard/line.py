"""One call under way, and what the operating system says to it."""

import errno
import resource
from typing import Any, Final

from cango_ops.base.switchboard.call import Call
from cango_ops.base.switchboard.turns import Group
from cango_ops.frames import Frame
from cango_ops.wire import Ask, Conversation, NoAnswer

SPARE_FILES: Final = 128


class Line:
    """One call under way.

    attempt: its connections so far.   reused: the question went over an older connection.   counts: it holds a place
    in its group.
    """

    __slots__ = (
        "ask", "attempt", "began_at", "call", "connecting", "counts", "frame",
        "group", "port", "reused", "sock", "talk", "unsent",
    )  # fmt: skip

    def __init__(self, call: Call, group: Group, began_at: float) -> None:
        self.call = call
        self.group = group
        self.began_at = began_at
        self.attempt = 0
        self.connecting = False
        self.reused = False
        self.counts = True
        self.sock: Any = None
        self.port = 0
        self.unsent: bytes | memoryview = b""
        self.talk: Conversation[Any] | None = call.begin()
        self.ask: Ask
        self.frame: Frame


def not_connected(error: OSError) -> NoAnswer:
    reason = "refused" if error.errno == errno.ECONNREFUSED else "unreachable"
    return NoAnswer(reason, error.strerror or str(error))


def files_free(wanted: int) -> int:
    """How many sockets this process may open, after raising its soft limit as far as needed and allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SPARE_FILES
    if soft == resource.RLIM_INFINITY:
        return wanted
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, max(8, soft - SPARE_FILES))
