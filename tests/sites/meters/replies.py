"""Answers a meter's conversation out of a table of registers, as a meter would on the wire."""

import struct
from collections.abc import Mapping

from sites.meters.reading import MeterReading, MeterTalk


def answered(talk: MeterTalk, held: Mapping[int, int], unit_id: int = 1) -> MeterReading:
    """What the conversation makes of a meter that holds these registers."""
    ask = next(talk)
    try:
        while True:
            ask = talk.send(reply(ask.payload, held, unit_id))
    except StopIteration as stop:
        return stop.value


def reply(request: bytes, held: Mapping[int, int], unit_id: int = 1) -> bytes:
    transaction, _, _, _, _, start, count = struct.unpack(">HHHBBHH", request)
    wanted = [held.get(register) for register in range(start, start + count)]
    if None in wanted:
        return struct.pack(">HHHBBB", transaction, 0, 3, unit_id, 0x83, 2)
    head = struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit_id, 3, 2 * count)
    return head + struct.pack(f">{count}H", *wanted)


def at(start: int, *words: int) -> dict[int, int]:
    return dict(enumerate(words, start))
