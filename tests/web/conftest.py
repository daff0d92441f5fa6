"""Each test of the pages starts without what an earlier one left in this process: limits, outages, last looks."""

import time
from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache

from cango_ops.base import parts
from cango_ops.web import outage


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    cache.clear()
    outage.breaker.spared_until = 0.0
    for watch in parts.WATCHES:
        watch.looked_at = 0.0
    yield
    outage.breaker.spared_until = 0.0


@pytest.fixture
def whole_minute() -> Iterator[None]:
    """All of a minute is ahead: what is counted by the minute, or holds for half of one, does not end in the test."""
    with time_machine.travel(time.time() // 60 * 60, tick=True):
        yield
