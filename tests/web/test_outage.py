import select

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.urls import path
from psycopg.errors import QueryCanceled

from cango_ops.urls import handler500
from cango_ops.urls import urlpatterns as real
from cango_ops.web import outage
from tests.worlds import make_user


def away(request):
    raise OperationalError('connection to server at "10.1.2.3", port 5432 failed: Connection refused')


def lost(request):
    raise InterfaceError("connection already closed")


def slow(request):
    raise OperationalError("canceling statement due to statement timeout") from QueryCanceled()


def ended(request):
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 10")
            assert select.select([own.connection.fileno()], [], [], 20)[0]
            cursor.execute("SELECT 1")
    finally:
        own.close()


def wrong(request):
    raise ValueError("a fault of ours with secret words in it")


urlpatterns = [
    path("away/", away), path("lost/", lost), path("slow/", slow), path("ended/", ended), path("wrong/", wrong),
    path("api/away", away), path("api/ended", ended), *real,
]  # fmt: skip
assert handler500
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client(client):
    client.force_login(make_user("Ada"))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("url", ["/away/", "/lost/"])
def test_a_page_says_503_in_words_and_when_to_come_back(client, url):
    answer = client.get(url)

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "The database cannot be reached." in answer.text
    assert "10.1.2.3" not in answer.text


def test_a_program_is_told_in_problem_details(client):
    answer = client.get("/api/away")

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "database_away"


def test_for_a_moment_nobody_else_waits_for_it(client):
    client.get("/away/")

    answer = client.get("/accounts/2fa/")

    assert answer.status_code == 503
    assert client.get("/health/live").status_code == 200


def test_after_that_moment_the_next_request_tries_again(client):
    client.get("/away/")
    outage.breaker.spared_until -= outage.SPARE_S

    assert client.get("/accounts/2fa/").status_code == 200


def test_one_slow_statement_holds_up_nobody_else(client):
    answer = client.get("/slow/")

    assert answer.status_code == 503
    assert "took too long" in answer.text
    assert client.get("/accounts/2fa/").status_code == 200


@pytest.mark.parametrize("url", ["/ended/", "/api/ended"])
def test_a_connection_that_the_server_ended_within_a_transaction_is_no_fault_of_ours(client, url):
    answer = client.get(url)

    assert answer.status_code == 503
    assert "took too long" in answer.text
    assert client.get("/accounts/2fa/").status_code == 200


def test_a_fault_of_ours_is_500_and_tells_nothing(client):
    answer = client.get("/wrong/")

    assert answer.status_code == 500
    assert "secret words" not in answer.text
