from collections.abc import Iterator

import pytest

from compute.telemetry import sitemap
from tests.compute.commands.estate import Estate, running
from tests.worlds import World, make_world


@pytest.fixture
def estate(settings) -> Iterator[Estate]:
    """620 machines behind moved ports, none of which was ever told anything."""
    with running() as opened:
        settings.MOVED_PORTS = opened.moved
        yield opened


@pytest.fixture
def pecos(transactional_db) -> World:
    sitemap.forget()
    return make_world(1)
