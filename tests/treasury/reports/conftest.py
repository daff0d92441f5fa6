"""People, a report that two of them approved, and a network of this machine that may be called."""

import pytest

from tests.treasury.closing.worlds import people
from tests.treasury.reports.worlds import draft_of
from treasury.reports import published
from treasury.reports.publish import approve


@pytest.fixture
def cast():
    return people()


@pytest.fixture
def report(cast):
    """Approved by two."""
    row = draft_of(published.material("2025-10"), cast["ines"])
    for name in ("ted", "ian"):
        approve(row, row.sha256, cast[name])
    row.refresh_from_db()
    return row


@pytest.fixture
def allowed(settings):
    """This machine may be called, as an installation may allow a network of its own."""
    settings.WEBHOOK_HOSTS, settings.WEBHOOK_NETWORKS = ["127.0.0.1"], ["127.0.0.0/8"]
