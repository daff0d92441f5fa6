import os
import socket

import psycopg
import pytest
import redis as redis_client

from tests.conftest import LeftTheMachine


def test_the_database_of_the_run_is_postgresql_18():
    with psycopg.connect(os.environ["CANGO_DATABASE_URL"]) as connection:
        assert connection.execute("SHOW server_version").fetchone()[0].startswith("18.")


def test_redis_of_the_run_answers_and_is_empty(redis_url):
    with redis_client.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.dbsize() == 0


def test_a_test_cannot_reach_another_machine():
    with socket.socket() as connection, pytest.raises(LeftTheMachine):
        connection.connect(("192.0.2.1", 80))


def test_a_test_cannot_look_up_another_machine():
    with pytest.raises(LeftTheMachine):
        socket.getaddrinfo("example.org", 80)
