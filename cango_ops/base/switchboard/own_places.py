"""Where the console's own services listen: no entry of a site map may lead there."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

LOOPBACK: Final = ("127.0.0.1", "::1")


def own_places() -> frozenset[tuple[str, int]]:
    """(address, port) of database, Redis and web server, as far as they have literal addresses."""
    redis = urlsplit(settings.REDIS_URL)
    named = [
        *((each.get("HOST"), each.get("PORT") or 5432) for each in settings.DATABASES.values()),
        (redis.hostname, redis.port or 6379),
        ("localhost", settings.HTTP_PORT),
    ]
    return frozenset((address, int(port)) for host, port in named if host for address in addresses(host))


def addresses(host: str) -> tuple[str, ...]:
    return LOOPBACK if host == "localhost" else (host,)
