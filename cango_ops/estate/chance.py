"""Chance that is the same every time: numbers drawn from keys, never from a shared generator. Pure."""

from math import sin

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(value: int) -> int:
    """A 64-bit number in which every bit of `value` has stirred every bit (splitmix64's finish)."""
    value = (value + GOLDEN) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def unit(key: int, salt: int = 0) -> float:
    """A number in [0, 1) that belongs to this key and salt."""
    return (mix(key ^ (salt * GOLDEN & MASK)) >> 11) * (1.0 / (1 << 53))


def between(key: int, salt: int, low: float, high: float) -> float:
    return low + (high - low) * unit(key, salt)


def wobble(phase: float, t: float) -> float:
    """Noise in about [-1, 1] that changes within seconds: three waves whose periods share no multiple."""
    return 0.5 * sin(0.83 * t + phase) + 0.3 * sin(0.29 * t + 2.7 * phase) + 0.2 * sin(0.113 * t + 5.1 * phase)


def word(key: int, salt: int) -> int:
    """A 64-bit word of a key that is well mixed already: another for each key and salt, and cheap."""
    return (key ^ (salt * GOLDEN & MASK)) * 0xBF58476D1CE4E5B9 & MASK


def hex_of(key: int, salt: int, digits: int) -> str:
    """The key's own hexadecimal word, at most 16 digits."""
    return f"{mix(key ^ (salt * GOLDEN & MASK)):016x}"[:digits]
