import json

import pytest
import redis
from django.conf import settings
from django.db import transaction

from cango_ops.live.models import LiveTopic
from cango_ops.live.publish import publish
from cango_ops.live.wake import CHANNEL, Waker
from tests.base.threads import in_threads


def seqs() -> dict[str, int]:
    return dict(LiveTopic.objects.values_list("topic", "seq"))


@pytest.mark.django_db
def test_each_publish_raises_the_number():
    publish("fleet", "site/PECOS")
    first = seqs()

    publish("fleet")

    assert seqs()["fleet"] > first["fleet"]
    assert seqs()["site/PECOS"] == first["site/PECOS"]


@pytest.mark.django_db
def test_a_topic_named_twice_is_bumped_once():
    publish("fleet", "fleet")

    assert list(seqs()) == ["fleet"]


@pytest.mark.django_db
def test_nothing_to_publish_is_nothing():
    publish()

    assert not seqs()


@pytest.mark.django_db
def test_numbers_start_at_the_clock_so_that_a_new_database_is_ahead_of_the_old():
    publish("fleet")

    assert seqs()["fleet"] > 1_700_000_000_000


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_publishes_nothing(redis_url):
    with redis.Redis.from_url(redis_url).pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(CHANNEL)
        listener.get_message(timeout=1)

        with transaction.atomic():
            publish("fleet")
            transaction.set_rollback(True)

        assert not seqs()
        assert listener.get_message(timeout=0.2) is None


@pytest.mark.django_db(transaction=True)
def test_redis_carries_topic_and_number_once_the_transaction_commits(redis_url):
    with redis.Redis.from_url(redis_url).pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(CHANNEL)
        listener.get_message(timeout=1)

        publish("site/PECOS", "fleet")

        message = listener.get_message(timeout=2)
    assert json.loads(message["data"])["changed"] == [["fleet", seqs()["fleet"]], ["site/PECOS", seqs()["site/PECOS"]]]


@pytest.mark.django_db(transaction=True)
def test_publishers_in_many_threads_neither_deadlock_nor_lose_a_number():
    def storm() -> None:
        for _ in range(10):
            publish("site/B", "site/A", "fleet")

    publish("fleet")
    start = seqs()["fleet"]
    in_threads(8, storm)

    assert seqs()["fleet"] >= start + 80


def test_a_redis_that_is_away_is_complained_about_once_and_left_alone(caplog):
    waker = Waker("redis://127.0.0.1:1/0")

    assert not waker.wake([("fleet", 1)])
    assert not waker.wake([("fleet", 2)])
    waker.away_until = 0.0
    assert not waker.wake([("fleet", 3)])

    assert len([line for line in caplog.messages if "Redis is away" in line]) == 1


def test_the_return_of_redis_is_noticed(caplog, redis_url):
    waker = Waker(settings.REDIS_URL)
    waker.note_away(OSError("gone"))
    waker.away_until = 0.0

    assert waker.wake([("fleet", 1)])

    assert "Redis is back." in caplog.messages
