import os
import signal

import pytest
import redis as redis_client

from cango_ops.embedded.redis import redis


def test_it_answers_with_its_password_and_not_without(folder, start):
    part, url = redis(folder)
    start(part, folder)

    with redis_client.Redis.from_url(url) as client:
        assert client.ping()
    with (
        redis_client.Redis(port=folder.ports()["redis"]) as client,
        pytest.raises(redis_client.AuthenticationError),
    ):
        client.ping()


def test_it_keeps_nothing(folder, start):
    part, url = redis(folder)
    child = start(part, folder)
    with redis_client.Redis.from_url(url) as client:
        client.set("word", "x")
    os.kill(child.process.pid, signal.SIGKILL)
    child.stop()

    start(part, folder)

    with redis_client.Redis.from_url(url) as client:
        assert client.dbsize() == 0
