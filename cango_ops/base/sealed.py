"""A column that only the console's credential keys can read, and only in the row for which it was written.

The text is encrypted (Fernet: AES-128-CBC with HMAC-SHA256) together with the name of its row, so that a cipher copied
into another row does not open there. The keys are CANGO_CREDENTIAL_KEYS, the newest first: the first one seals, all of
them open. Why so: docs/decisions/0007-credentials.md.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class CannotOpen(Exception):
    """No key of ours opens it, or it was sealed for another row. Says nothing of what it holds."""


class Sealed:
    """What stands in the column. Shows nothing of itself."""

    __slots__ = ("cipher",)

    def __init__(self, cipher: str) -> None:
        self.cipher = cipher

    def __repr__(self) -> str:
        return "Sealed(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.cipher == other.cipher

    def __hash__(self) -> int:
        return hash(self.cipher)


def seal(text: str, row: str) -> Sealed:
    """row: names the row by what must not change while it holds the secret, with no NUL in it."""
    return Sealed(_keys().encrypt(f"{row}\0{text}".encode()).decode())


def unseal(sealed: Sealed, row: str) -> str:
    """The text. Raises CannotOpen."""
    try:
        sealed_for, _, text = _keys().decrypt(sealed.cipher.encode()).decode().partition("\0")
    except (InvalidToken, UnicodeError):
        raise CannotOpen("no key of this console opens it") from None
    if sealed_for != row:
        raise CannotOpen("it was sealed for another row")
    return text


def sealed_anew(sealed: Sealed) -> Sealed:
    """The same text for the same row under the newest key. Raises CannotOpen."""
    try:
        return Sealed(_keys().rotate(sealed.cipher.encode()).decode())
    except InvalidToken:
        raise CannotOpen("no key of this console opens it") from None


def _keys() -> MultiFernet:
    return _fernet(tuple(settings.CREDENTIAL_KEYS))


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


class SealedField(models.TextField[Sealed, Sealed]):
    """Holds `Sealed`, and refuses to store any other text."""

    def from_db_value(self, value: str | None, *_: object) -> Sealed | None:
        return None if value is None else Sealed(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Sealed) else Sealed(str(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value.cipher if value is not None else None
        raise TypeError("a sealed column takes what `seal` made, and nothing else")

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))
