"""The thread that stores while a sweep runs."""

import threading

import pytest
from django.db import InternalError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout

from compute.collector import writer
from compute.collector.writer import Writer


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "RETRY_AFTER_S", 0.0)


class Store:
    """Fails as told: a list of errors, one per write, None for a write that is done."""

    def __init__(self, *errors: Exception | None) -> None:
        self.errors = list(errors)
        self.done: list[int] = []
        self.threads: set[str] = set()

    def __call__(self, site_id: int, polled: object, lease: object) -> None:
        self.threads.add(threading.current_thread().name)
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.done.append(site_id)


def test_everything_is_stored_in_order_by_another_thread_before_the_block_ends() -> None:
    store = Store()

    with Writer(store, None) as made:
        for site_id in range(20):
            made.keep(site_id, [])

    assert store.done == list(range(20))
    assert store.threads == {"sweep-writer"}
    assert made.writes == 20


def test_database_that_was_away_for_a_moment_is_tried_again() -> None:
    store = Store(OperationalError("server closed the connection"), None)

    with Writer(store, None) as made:
        made.keep(1, [])

    assert store.done == [1]


def test_connection_that_the_server_ended_within_a_transaction_is_tried_again() -> None:
    ended = InternalError("terminating connection")
    ended.__cause__ = IdleInTransactionSessionTimeout()
    store = Store(ended, None)

    with Writer(store, None) as made:
        made.keep(1, [])

    assert store.done == [1]
    assert made.spoilt == {}


def test_database_that_stays_away_ends_the_sweep() -> None:
    store = Store(OperationalError("gone"), OperationalError("still gone"))

    with pytest.raises(OperationalError, match="still gone"):
        keep_until_stopped(Writer(store, None))

    assert store.done == []


def keep_until_stopped(made: Writer) -> None:
    with made:
        made.keep(1, [])
        made.thread.join(5)
        assert made.is_stopped()


def test_one_spoilt_site_does_not_keep_the_others_from_being_stored() -> None:
    store = Store(None, ValueError("slot 9 twice"), None)

    with Writer(store, None) as made:
        for site_id in (1, 2, 3):
            made.keep(site_id, [])

    assert store.done == [1, 3]
    assert made.spoilt == {2: "ValueError: slot 9 twice"}
