"""Numbers and texts as Modbus registers: 16-bit words, the most significant first. Pure."""


def int16(value: float, scale: int) -> int:
    """`value` in units of 10**scale, as the word of a signed number; too large is cut off at the ends."""
    return max(-32_767, min(32_767, round(value / 10**scale))) & 0xFFFF


def uint32(value: float) -> list[int]:
    number = round(value) & 0xFFFFFFFF
    return [number >> 16, number & 0xFFFF]


def uint64(value: float) -> list[int]:
    number = round(value)
    return [number >> 48 & 0xFFFF, number >> 32 & 0xFFFF, number >> 16 & 0xFFFF, number & 0xFFFF]


def text(value: str, words: int) -> list[int]:
    """Two characters a word, filled with NULs."""
    data = value.encode("ascii")[: 2 * words].ljust(2 * words, b"\0")
    return [data[i] << 8 | data[i + 1] for i in range(0, 2 * words, 2)]
