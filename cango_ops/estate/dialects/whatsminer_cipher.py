"""The lock on Whatsminer's writing commands: token, key, AES-256-ECB with zero padding in base64. Pure.

key = md5crypt(password, salt); sign = md5crypt(key + time, newsalt); AES key = SHA-256 of the key's text. The machine
answers under the same key. Source: MicroBT, "Whatsminer API v2".
"""

from base64 import b64decode, b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cango_ops.estate.dialects.md5crypt import md5crypt

BLOCK = 16


def key_of(password: str, salt: str) -> str:
    return md5crypt(password, salt)


def sign_of(key: str, time: str, newsalt: str) -> str:
    return md5crypt(key + time, newsalt)


def _cipher(key: str) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(sha256(key.encode()).digest()), modes.ECB())  # noqa: S305 - what the machines speak


def sealed(text: str, key: str) -> str:
    data = text.encode()
    data += b"\0" * (-len(data) % BLOCK)
    encryptor = _cipher(key).encryptor()
    return b64encode(encryptor.update(data) + encryptor.finalize()).decode()


def opened(data: str, key: str) -> str:
    """The text. Raises ValueError when it is no base64 or no whole number of blocks."""
    raw = b64decode(data, validate=False)
    if not raw or len(raw) % BLOCK:
        raise ValueError("not whole blocks")
    decryptor = _cipher(key).decryptor()
    return (decryptor.update(raw) + decryptor.finalize()).rstrip(b"\0").decode("latin-1")
