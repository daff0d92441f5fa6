"""The md5crypt password hash, of which Whatsminer's keys and tokens are made. Pure.

Source: Poul-Henning Kamp's algorithm as in FreeBSD's crypt-md5.c; the salt is at most eight characters.
"""

from hashlib import md5
from typing import Final

ALPHABET: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ORDER: Final = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def _digest(*parts: bytes) -> bytes:
    return md5(b"".join(parts), usedforsecurity=False).digest()


def md5crypt(password: str, salt: str) -> str:
    """The last part of `$1$salt$hash`: 22 characters."""
    secret, grain = password.encode(), salt.encode()[:8]
    inner = _digest(secret, grain, secret)
    parts = [secret, b"$1$", grain, (inner * (len(secret) // 16 + 1))[: len(secret)]]
    count = len(secret)
    while count:
        parts.append(b"\0" if count & 1 else secret[:1])
        count >>= 1
    final = _digest(*parts)
    for turn in range(1000):
        odd = turn & 1
        final = _digest(
            secret if odd else final,
            grain if turn % 3 else b"",
            secret if turn % 7 else b"",
            final if odd else secret,
        )
    return _letters(final)


def _letters(final: bytes) -> str:
    values = [(final[a] << 16 | final[b] << 8 | final[c], 4) for a, b, c in ORDER] + [(final[11], 2)]
    return "".join(ALPHABET[value >> 6 * place & 63] for value, count in values for place in range(count))
