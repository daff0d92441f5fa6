"""What is said on a wire. Pure: bytes in, messages out, no sockets.

A conversation is a generator that yields `Ask`s, is sent the answer's bytes, and returns what it learnt. Whoever
drives it (the collector's loop, a command line, a folder of recorded answers) owns sockets, clocks and deadlines;
the conversation owns none. An answer that did not come is thrown into it as `NoAnswer`. How an answer's end is found:
frames.py.
"""

from collections.abc import Generator
from enum import Enum
from typing import TypeVar

import msgspec

DEFAULT_LIMIT_BYTES = 1 << 20
DEFAULT_DEADLINE_S = 5.0


class Garbled(ValueError):
    """The one error a parser raises: the bytes do not say what their protocol demands."""


class NoAnswer(Exception):
    """Nothing usable came back; `reason` is one of REASONS. challenge: what a denied HTTP request has to answer.

    retry_after_s: how long the other side wants to be left alone, None where it does not say.
    """

    def __init__(self, reason: str, detail: str = "", challenge: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.challenge = challenge
        self.retry_after_s = retry_after_s


# denied: the machine wants a sign-in (HTTP 401, 403).   bad_status: any other HTTP status that carries no answer.
REASONS = ("refused", "unreachable", "deadline", "too_large", "closed", "denied", "bad_status", "not_recorded")
# The same for people, and what is said of an answer that nobody can read.
IN_WORDS = {
    "refused": "connection refused", "unreachable": "no way to it", "deadline": "no whole answer in time",
    "too_large": "its answer has no end", "closed": "it hung up", "denied": "its login was refused",
    "bad_status": "it answered with an error", "not_recorded": "not recorded", "garbled": "its answer makes no sense",
}  # fmt: skip


class Framing(Enum):
    """How the end of an answer is known."""

    CLOSE = "close"  # cgminer family: the machine closes after its answer
    HTTP = "http"  # HTTP/1.1: content-length, chunked, or close
    LENGTH_LE32 = "length_le32"  # Whatsminer v3: four bytes little endian, then JSON
    LINES = "lines"  # Electrum: JSON-RPC, a line for each line that was sent
    MODBUS = "modbus"  # Modbus TCP: MBAP header holds the length


class Ask(msgspec.Struct, frozen=True):
    """One request of a conversation: the bytes to send and how to know that the answer is whole.

    name: the command, the same word as the file of a recorded answer ("summary", "stats", "metrics").
    payload: every byte to send.   framing: how the answer ends.   port: None means the device's own port.
    limit_bytes: an answer longer than this is given up as too large.
    """

    name: str
    payload: bytes
    framing: Framing = Framing.CLOSE
    port: int | None = None
    limit_bytes: int = DEFAULT_LIMIT_BYTES

    def __repr__(self) -> str:
        """Without the payload, in which a password may stand."""
        return f"Ask({self.name!r}, {len(self.payload)} bytes)"


T = TypeVar("T")
Conversation = Generator[Ask, bytes, T]
