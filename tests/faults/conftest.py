"""A whole console on a PostgreSQL of its own, shared by the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.faults.console import Console, Database, until


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    server = Database(tmp_path_factory.mktemp("database"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def console(tmp_path_factory, database) -> Iterator[Console]:
    running = Console(tmp_path_factory.mktemp("console") / "run", CANGO_DATABASE_URL=database.url)
    running.start()
    until(120, running.is_right, running.sites_live)
    yield running
    running.stop()
