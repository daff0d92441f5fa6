"""How often somebody may ask: a count per caller and minute, kept in the memory of this process.

The count stops a script that runs away; it is not exact over several processes, and nothing that matters rests on it.
"""

import time
from typing import Any, Final

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_S: Final = 60


def count(kind: str, who: str) -> int:
    """One more of this kind in the running minute; the number so far."""
    window = int(time.time() // WINDOW_S)
    key = f"{kind}:{who}:{window}"
    cache = caches["limits"]
    cache.add(key, 0, timeout=2 * WINDOW_S)
    try:
        return cache.incr(key)
    except ValueError:  # culled between the two calls
        return 1


def rest_of_window_s() -> float:
    return WINDOW_S - time.time() % WINDOW_S


class CallerLimit(BaseThrottle):
    """So many requests a minute for each token, each person signed in, and each address of the unknown."""

    def allow_request(self, request: Request, view: Any) -> bool:
        kind, who = self.caller(request)
        return count(kind, who) <= settings.API_LIMITS[kind]

    def wait(self) -> float:
        return rest_of_window_s()

    def caller(self, request: Request) -> tuple[str, str]:
        if request.auth is not None:
            return "token", str(request.auth.pk)
        if request.user and request.user.is_authenticated:
            return "person", str(request.user.pk)
        return "address", self.get_ident(request)


def one_more_wrong_key_is_too_many(request: Request) -> bool:
    """Counts a wrong key of this address; True once it has shown too many this minute. Good keys are not held up."""
    return count("wrong_key", BaseThrottle().get_ident(request)) > settings.API_LIMITS["wrong_key"]
