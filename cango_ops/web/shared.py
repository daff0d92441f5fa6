"""Answers shared for a moment by all who may see the same: kept in this process's memory, never in the database."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

T = TypeVar("T")


def shared(for_s: float, name: str, *what: object, make: Callable[[], T]) -> T:
    """What `make` gave within the last `for_s` seconds for the same name and the same things.

    Everything that decides what may be seen must be among the things: the ids of the visible sites, above all.
    """
    key = f"{name}:{hashlib.sha256(repr(what).encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = (make(),)
        cache.set(key, found, for_s)
    return found[0]
