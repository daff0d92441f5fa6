"""Reads the fields of a case file: each missing or wrong one is one clear sentence (Garbled)."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, TypeVar

from cango_ops.wire import Garbled

Fields = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)
Made = TypeVar("Made")
LIMIT_BYTES: Final = 16 << 20
# Sixteen digits of satoshis are more coins than there will be; dollars and difficulties stay far below 10**24.
LARGEST: Final = Decimal(10) ** 24
MAX_DIGITS: Final = 60


def case_of(body: bytes) -> Fields:
    """The JSON object of a case file. Numbers with a point become Decimal, never float."""
    if len(body) > LIMIT_BYTES:
        raise Garbled(f"the file is longer than {LIMIT_BYTES} bytes")
    try:
        case = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Garbled(f"the file is no JSON: {error}") from error
    if not isinstance(case, dict):
        raise Garbled("the file holds no JSON object")
    return case


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def given(fields: Fields, name: str) -> Any:
    value = fields.get(name)
    if value is None:
        raise Garbled(f"{name} is missing")
    return value


def first(fields: Fields, *names: str) -> Any:
    """The first of these fields that is there, else None."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def record(fields: Fields, name: str) -> Fields:
    value = given(fields, name)
    if not isinstance(value, dict):
        raise Garbled(f"{name} is no object")
    return value


def records(fields: Fields, name: str) -> dict[str, Fields]:
    """The objects of an object, by their names."""
    found = record(fields, name)
    wrong = [key for key, value in found.items() if not isinstance(value, dict)]
    if wrong:
        raise Garbled(f"{name}: {wrong[0]} is no object")
    return dict(found)


def rows(fields: Fields, name: str) -> list[Fields]:
    """The objects of a list; an absent list is empty."""
    value = fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Garbled(f"{name} is no list of objects")
    return value


def each(fields: Fields, name: str, make: Callable[[Fields], Made]) -> list[Made]:
    """What `make` makes of each object of a list; what it refuses is named by its place."""
    return [placed(f"{name}[{number}]", make, row) for number, row in enumerate(rows(fields, name))]


def placed(place: str, make: Callable[[Fields], Made], row: Fields) -> Made:
    try:
        return make(row)
    except Garbled as why:
        raise Garbled(f"{place}: {why}") from why


def text(fields: Fields, name: str) -> str:
    value = given(fields, name)
    if not isinstance(value, str):
        raise Garbled(f"{name} is no text")
    return value


def word(fields: Fields, name: str, words: type[Word], default: Word | None = None) -> Word:
    value = fields.get(name)
    if value is None and default is not None:
        return default
    try:
        return words(text(fields, name))
    except ValueError as error:
        raise Garbled(f"{name} is {value!r}, not one of {', '.join(words)}") from error


def number(fields: Fields, name: str, default: Decimal | None = None) -> Decimal:
    """A decimal number; without it the default, and without that an error."""
    value = maybe(fields, name)
    if value is None:
        value = default
    if value is None:
        raise Garbled(f"{name} is missing")
    return value


def maybe(fields: Fields, name: str) -> Decimal | None:
    value = fields.get(name)
    return None if value is None else decimal(value, name)


def decimal(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Garbled(f"{name} is no number")
    try:
        result = Decimal(value)
    except InvalidOperation as error:
        raise Garbled(f"{name} is {str(value)[:40]!r}, not a number") from error
    if not result.is_finite() or abs(result) >= LARGEST or len(result.as_tuple().digits) > MAX_DIGITS:
        raise Garbled(f"{name} is not a number that can be reckoned with")
    if int(result.as_tuple().exponent) < -MAX_DIGITS:
        raise Garbled(f"{name} has too many places")
    return result


def positive(fields: Fields, name: str) -> Decimal:
    value = number(fields, name)
    if value <= 0:
        raise Garbled(f"{name} is not above zero")
    return value


def whole(fields: Fields, name: str, default: int | None = None) -> int:
    """A whole number; without it the default, and without that an error."""
    value = fields.get(name)
    if value is None and default is not None:
        return default
    result = decimal(given(fields, name), name)
    if result != result.to_integral_value():
        raise Garbled(f"{name} is no whole number")
    return int(result)


def sat(fields: Fields, name: str = "sat", least: int = 0) -> int:
    amount = whole(fields, name)
    if amount < least:
        raise Garbled(f"{name} is {amount}, less than {least}")
    return amount


def instant(fields: Fields, name: str) -> datetime:
    """An instant with an offset, as UTC."""
    value = text(fields, name)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Garbled(f"{name} is {value[:40]!r}, not an instant such as 2025-10-01T00:00:00Z") from error
    raise Garbled(f"{name} is {value[:40]!r}, an instant without an offset")


def day(fields: Fields, name: str) -> date:
    value = text(fields, name)
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise Garbled(f"{name} is {value[:40]!r}, not a date such as 2025-10-01") from error


def unique(items: Iterable[Fields]) -> list[Fields]:
    """Each record once: one that was delivered twice, equal in every field, counts once."""
    kept: list[Fields] = []
    seen: set[str] = set()
    for item in items:
        key = json.dumps(item, sort_keys=True, default=str)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept
