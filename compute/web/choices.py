"""Links of a page to itself: choices that exclude each other, everything else in the address kept. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest


@dataclass(frozen=True)
class Choice:
    word: str
    url: str
    is_chosen: bool


def choices(asked: Mapping[str, str], key: str, words: Mapping[str, str], chosen: str, place: str = "") -> list[Choice]:
    """One link a value. place: id of what the page should show after it, so that its head is not jumped to."""
    hash_ = f"#{place}" if place else ""
    return [
        Choice(word, f"?{urlencode(dict(asked) | {key: value}, safe=':')}{hash_}", value == chosen)
        for value, word in words.items()
    ]


def one_of(request: HttpRequest, key: str, known: Iterable[str]) -> str:
    """The parameter's value; the first of the known ones where the address does not say."""
    value = request.GET.get(key) or next(iter(known))
    if value not in known:
        raise BadRequest(f"{key}={value[:20]} is not known: expected one of {', '.join(known)}.")
    return value
