"""Pages over a real server: many at once, and what each of their threads leaves behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from django.db import connection

from tests.live.server import Running, running, session_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""


@pytest.fixture
def server(redis_url: str) -> Iterator[Running]:
    with running(redis_url) as started:
        yield started


def asked(port: int, path: str, session: str | None) -> int:
    spoken = HTTPConnection("127.0.0.1", port, timeout=60)
    spoken.request("GET", path, headers={"Cookie": f"cango_session={session}"} if session else {})
    status = spoken.getresponse().status
    spoken.close()
    return status


def test_more_people_than_there_are_threads_are_all_answered(server: Running) -> None:
    session = session_of(make_world().bo)
    with ThreadPoolExecutor(40) as people:
        statuses = list(people.map(lambda _: asked(server.port, "/", session), range(80)))
    assert statuses == [200] * 80


def test_no_page_leaves_a_transaction_or_statement_behind(server: Running) -> None:
    session = session_of(make_world().bo)
    assert [asked(server.port, path, session) for path in ("/", "/nowhere/", "/system/")] == [200, 404, 200]
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        assert cursor.fetchone() == (0,)


def test_stranger_is_sent_to_the_sign_in(server: Running) -> None:
    assert asked(server.port, "/", None) == 302
