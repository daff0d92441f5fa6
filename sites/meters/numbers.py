"""Numbers out of 16-bit registers; a value that means "not implemented" is None. Pure."""

import math
import struct
from collections.abc import Sequence
from typing import Final

from cango_ops.wire import Garbled

Words = Sequence[int]
# Floats nearer to 0 than this measure nothing.
LEAST: Final = 1e-20

# kind: (registers, struct code, the bits that say "there is no value"). "_low": the least significant register first.
KINDS: Final[dict[str, tuple[int, str, frozenset[int]]]] = {
    "int16": (1, "h", frozenset((0x8000, 0x7FFF))),
    "uint16": (1, "H", frozenset((0xFFFF,))),
    "int32": (2, "i", frozenset((0x80000000, 0x7FFFFFFF))),
    "uint32": (2, "I", frozenset((0xFFFFFFFF,))),
    "int64": (4, "q", frozenset((0x8000000000000000, 0x7FFFFFFFFFFFFFFF))),
    "uint64": (4, "Q", frozenset((0xFFFFFFFFFFFFFFFF,))),
    "float32": (2, "f", frozenset()),
    "int32_low": (2, "i", frozenset((0x80000000, 0x7FFFFFFF))),
    "uint32_low": (2, "I", frozenset((0xFFFFFFFF,))),
}


def size(kind: str) -> int:
    """How many registers a number of this kind takes."""
    return KINDS[kind][0]


def number(words: Words, at: int, kind: str) -> float | None:
    """The number that begins at words[at]. Raises Garbled where it does not fit in."""
    count, code, absent = KINDS[kind]
    if at + count > len(words):
        raise Garbled(f"register {at} is beyond the {len(words)} that were read")
    own = words[at : at + count]
    packed = struct.pack(f">{count}H", *(reversed(own) if kind.endswith("_low") else own))
    if int.from_bytes(packed) in absent:
        return None
    value = float(struct.unpack(f">{code}", packed)[0])
    if 0 < abs(value) < LEAST:
        raise Garbled(f"a number of {value:g}: are its registers in the other order?")
    return value if math.isfinite(value) else None


def scale(words: Words, at: int) -> float | None:
    """A SunSpec scale factor: ten to a signed power from -10 to 10."""
    power = number(words, at, "int16")
    if power is None:
        return None
    if not -10 <= power <= 10:
        raise Garbled(f"a scale factor of 10^{power:.0f}")
    return 10.0**power


def scaled(words: Words, at: int, kind: str, factor_at: int) -> float | None:
    """The number times its scale factor, None where either is not there."""
    value, factor = number(words, at, kind), scale(words, factor_at)
    return None if value is None or factor is None else value * factor
