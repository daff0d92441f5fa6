from collections.abc import Iterator

import pytest

from compute.commands import sending
from compute.telemetry import sitemap
from tests.compute.commands.estate import Estate, running
from tests.worlds import World, make_world


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with other tests a commit may take its time, and a machine of the estate its answer;
    what is late is a test of its own."""
    monkeypatch.setattr(sending, "LATE_S", 20.0)
    monkeypatch.setattr(sending, "CONNECT_S", 10.0)
    monkeypatch.setattr(sending, "LEASE_S", 120.0)
    monkeypatch.setattr(sending, "PREPARE_S", 60.0)
    monkeypatch.setattr(sending, "ACT_S", 60.0)


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
