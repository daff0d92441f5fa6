"""Modbus TCP: asking for holding registers (function 3), writing some (function 16), reading the answers. Pure.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b; MODBUS Application Protocol V1.1b3.
"""

import struct
from collections.abc import Generator, Sequence

from cango_ops.wire import Ask, Framing, Garbled

READ_HOLDING, WRITE_HOLDING = 3, 16
FAILED = 0x80
MOST_REGISTERS, MOST_WRITTEN = 125, 123
LIMIT_BYTES = 260
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal register",
    3: "illegal number of registers",
    4: "device failure",
    5: "accepted, not answered yet",
    6: "device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
# These say that nothing can be read there.
NOT_THERE = frozenset((1, 2, 3))


class Refused(Garbled):
    """The meter answered with an exception instead of registers."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused: {EXCEPTIONS.get(code, f'exception {code}')}")
        self.code = code


def ask(unit_id: int, start: int, count: int) -> Ask:
    """A request for registers; its transaction number is made of the first register, so that answers do not mix."""
    if not 1 <= count <= MOST_REGISTERS:
        raise ValueError(f"{count} registers cannot be asked for at once")
    payload = struct.pack(">HHHBBHH", start, 0, 6, unit_id, READ_HOLDING, start, count)
    return Ask(f"registers_{start}_{count}", payload, Framing.MODBUS, limit_bytes=LIMIT_BYTES)


def parse(adu: bytes, unit_id: int, start: int, count: int) -> list[int]:
    """The registers of an answer. Raises Garbled, or Refused for an exception."""
    if len(adu) < 9:
        raise Garbled("an answer of fewer than 9 bytes")
    transaction, protocol, _, unit, function, size = struct.unpack_from(">HHHBBB", adu)
    if (transaction, protocol, unit) != (start, 0, unit_id):
        raise Garbled("the answer to another question")
    if function == READ_HOLDING | FAILED:
        raise Refused(size)
    if function != READ_HOLDING:
        raise Garbled(f"function {function} in the answer")
    if size != 2 * count or len(adu) != 9 + size:
        raise Garbled(f"{len(adu) - 9} bytes of registers where {2 * count} were asked for")
    return list(struct.unpack_from(f">{count}H", adu, 9))


def registers(unit_id: int, start: int, count: int) -> Generator[Ask, bytes, list[int]]:
    """The part of a conversation that reads `count` registers from `start` on."""
    return parse((yield ask(unit_id, start, count)), unit_id, start, count)


def write_ask(unit_id: int, start: int, words: Sequence[int]) -> Ask:
    """A request to write registers, all of them or none (function 16)."""
    if not 1 <= len(words) <= MOST_WRITTEN:
        raise ValueError(f"{len(words)} registers cannot be written at once")
    size = 2 * len(words)
    head = struct.pack(">HHHBBHHB", start, 0, 7 + size, unit_id, WRITE_HOLDING, start, len(words), size)
    return Ask(f"write_{start}_{len(words)}", head + struct.pack(f">{len(words)}H", *words), Framing.MODBUS)


def parse_written(adu: bytes, unit_id: int, start: int, count: int) -> None:
    """The answer to a write. Raises Garbled, or Refused for an exception."""
    if len(adu) < 9:
        raise Garbled("an answer of fewer than 9 bytes")
    transaction, protocol, _, unit, function, code = struct.unpack_from(">HHHBBB", adu)
    if (transaction, protocol, unit) != (start, 0, unit_id):
        raise Garbled("the answer to another question")
    if function == WRITE_HOLDING | FAILED:
        raise Refused(code)
    if function != WRITE_HOLDING or len(adu) != 12 or struct.unpack_from(">HH", adu, 8) != (start, count):
        raise Garbled("no answer to a write")


def write(unit_id: int, start: int, words: Sequence[int]) -> Generator[Ask, bytes, None]:
    """The part of a conversation that writes registers from `start` on."""
    parse_written((yield write_ask(unit_id, start, words)), unit_id, start, len(words))
