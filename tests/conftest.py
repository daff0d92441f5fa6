"""What every test shares: no way out of this machine, and the Redis of tests/servers.py."""

import ipaddress
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from django.core.cache import caches
from django.test import override_settings
from hypothesis import settings

# What properties are tried on is the same in every run, and no example is too slow; `make long` tries others each time.
settings.load_profile("ci")
settings.register_profile("search", derandomize=False)

SLOT_S, LAST_S = 300, 5
PAGES = Path(__file__).parent / "pages"


class LeftTheMachine(BaseException):
    """A test tried to reach another machine. No Exception, so that code under test cannot swallow it."""


def is_local(host: str) -> bool:
    if host in {"", "localhost", "localhost.localdomain"}:
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_other_machines(event: str, args: tuple) -> None:
    """An audit hook of the interpreter. Source: the audit events table of Python's manual."""
    if event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if not is_local(name):
        raise LeftTheMachine(f"a test tried to reach {name}")


sys.addaudithook(refuse_other_machines)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """Hashing a password is slow on purpose; a test that signs a person in need not wait for it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks the browser tests and puts them last: while a browser is driven no other event loop runs in this thread."""
    for item in items:
        if PAGES in item.path.parents:
            item.add_marker("pages")
    yield
    items.sort(key=lambda item: PAGES in item.path.parents)


@pytest.fixture(autouse=True)
def before_the_slot_ends() -> None:
    """No test begins in the last seconds of five minutes: no price, slot, hour or day, of whatever zone, ends in it."""
    left_s = SLOT_S - time.time() % SLOT_S
    if left_s < LAST_S:
        time.sleep(left_s)


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    """The counts of API requests start at nought in each test."""
    caches["limits"].clear()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """The URL of a real, empty Redis that no other test process uses."""
    url = os.environ["CANGO_REDIS_URL"]
    with redis_client.Redis.from_url(url) as client:
        client.flushall()
        yield url
        client.flushall()
