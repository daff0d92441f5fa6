"""The md5crypt password hash that Whatsminer's token is made of. Pure.

Source: Poul-Henning Kamp's algorithm as in FreeBSD's crypt-md5.c; the salt is at most eight characters.
"""

from hashlib import md5
from typing import Final

ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ORDER: Final = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def md5crypt(password: str, salt: str) -> str:
    """The last part of `$1$salt$hash`: 22 characters."""
    secret, grain = password.encode(), salt.encode()[:8]
    inner = md5(secret + grain + secret, usedforsecurity=False).digest()
    start = secret + b"$1$" + grain + (inner * (len(secret) // 16 + 1))[: len(secret)]
    bits = len(secret)
    while bits:
        start += b"\0" if bits & 1 else secret[:1]
        bits >>= 1
    final = md5(start, usedforsecurity=False).digest()
    for turn in range(1000):
        final = _stir(turn, secret, grain, final)
    return _text(final)


def _stir(turn: int, secret: bytes, grain: bytes, final: bytes) -> bytes:
    block = secret if turn & 1 else final
    if turn % 3:
        block += grain
    if turn % 7:
        block += secret
    return md5(block + (final if turn & 1 else secret), usedforsecurity=False).digest()


def _text(final: bytes) -> str:
    groups = [final[a] << 16 | final[b] << 8 | final[c] for a, b, c in ORDER]
    text = "".join(_letters(group, 4) for group in groups)
    return text + _letters(final[11], 2)


def _letters(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> (6 * i) & 63] for i in range(count))
