import asyncio
import json
import time

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from cango_ops.embedded.child import Child
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.redis import redis
from cango_ops.live import listen, wake
from cango_ops.live.models import LiveTopic
from cango_ops.live.publish import publish
from sites.models import Membership, Role
from tests.live.server import follow, hear, running, session_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own_redis(tmp_path, monkeypatch):
    """A Redis that the test may kill, used by publishers and hub alike."""
    part, url = redis(RunFolder(tmp_path).make())
    child = Child(part, RunFolder(tmp_path))
    child.start()
    child.wait_ready()
    monkeypatch.setattr(wake, "waker", wake.Waker(url))
    yield child, url
    child.stop()


@pytest.fixture(autouse=True)
async def leave_no_connection():
    yield
    await sync_to_async(connections.close_all)()


async def until_beat_says(connection, within_s: float, **words) -> float:
    """How long it took until a hello or beat said so."""
    start = time.monotonic()
    async with asyncio.timeout(within_s):
        while True:
            said = json.loads(await connection.recv())
            if words.items() <= said.items():
                return time.monotonic() - start


async def test_while_redis_is_away_changes_go_on_and_its_return_is_noticed(own_redis, monkeypatch):
    child, url = own_redis
    world = await sync_to_async(make_world)()
    session = await sync_to_async(session_of)(world.bo)
    with running(url) as server:
        async with server.open(session) as connection:
            await follow(connection, "fleet")
            await hear(connection)

            child.process.kill()
            child.process.wait()
            await until_beat_says(connection, 60, redis=False)
            await sync_to_async(publish)("fleet")
            await asyncio.wait_for(hear(connection), 60)

            await sync_to_async(child.start)()
            await sync_to_async(child.wait_ready)()
            await until_beat_says(connection, 60, redis=True)
            # Nobody looks at PostgreSQL any more, so that what is heard came through Redis.
            monkeypatch.setattr(listen, "POLL_S", 3600)
            wake.waker.away_until = 0.0
            await sync_to_async(publish)("fleet")
            await asyncio.wait_for(hear(connection), 60)


async def test_a_server_whose_redis_is_gone_ends_as_fast_as_any(own_redis):
    child, url = own_redis
    world = await sync_to_async(make_world)()
    session = await sync_to_async(session_of)(world.bo)
    with running(url) as server:
        async with server.open(session) as connection:
            await until_beat_says(connection, 60, redis=True)
            child.process.kill()
            child.process.wait()
            await until_beat_says(connection, 60, redis=False)
        start = time.monotonic()

    assert time.monotonic() - start < 30


async def test_200_clients_of_20_people_all_hear_every_last_number(redis_url):
    await sync_to_async(make_world)()
    sessions = [await sync_to_async(session_of)(person) for person in await sync_to_async(crowd)()]
    with running(redis_url) as server:
        clients = [server.open(sessions[number % 20]) for number in range(200)]
        opened = [await client for client in clients]
        try:
            for connection in opened:
                await follow(connection, "fleet", "site/PECOS")
            await asyncio.gather(*(last_of(connection, 2) for connection in opened))

            for _ in range(5):
                await sync_to_async(publish)("fleet", "site/PECOS")
            wanted = {topic.topic: topic.seq for topic in await sync_to_async(topics)()}

            heard = await asyncio.gather(*(until_last(connection, wanted) for connection in opened))
        finally:
            await asyncio.gather(*(connection.close() for connection in opened))

    assert all(numbers == sorted(set(numbers)) for one in heard for numbers in one.values())


def crowd():
    people = [make_user(f"Person{number}") for number in range(20)]
    Membership.objects.bulk_create(Membership(user=person, role=Role.VIEWER) for person in people)
    return people


def topics():
    return list(LiveTopic.objects.all())


async def last_of(connection, count):
    return [await hear(connection) for _ in range(count)]


async def until_last(connection, wanted):
    """Every number heard of each topic, up to the wanted last ones."""
    heard = {topic: [] for topic in wanted}
    async with asyncio.timeout(60):
        while any(not heard[topic] or heard[topic][-1] != seq for topic, seq in wanted.items()):
            said = await hear(connection)
            heard[said["topic"]].append(said["seq"])
    return heard
