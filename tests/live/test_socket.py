import asyncio
import json
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import connections
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cango_ops.base.models import User
from cango_ops.live import listen
from cango_ops.live.hub import Limits
from cango_ops.live.models import LiveTopic
from cango_ops.live.publish import publish
from sites.models import Membership, Role
from tests.live.server import follow, hear, running, session_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return make_world()


@pytest.fixture(autouse=True)
async def leave_no_connection():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def server(redis_url):
    with running(redis_url) as server:
        yield server


async def closing(connection) -> int:
    """Reads to the end and returns the close code."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(60):
            async for _ in connection:
                pass
    return connection.close_code


def number_of(topic: str) -> int:
    return LiveTopic.objects.get(topic=topic).seq


async def say(*topics: str) -> None:
    await sync_to_async(publish)(*topics)


async def test_it_greets_with_the_time_and_what_is_away(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        hello = json.loads(await connection.recv())

    assert hello["hello"].endswith("Z")
    assert hello["database"] is True


async def test_it_answers_each_allowed_topic_at_once_and_refuses_the_others(world, server):
    await say("site/PECOS")
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, "fleet", "site/PECOS", "site/MUSCAT", "site/GHOST", "site/NOWHERE", "purse/1")
        said = [await hear(connection) for _ in range(6)]

    assert {word["topic"]: word["seq"] for word in said if "topic" in word} == {
        "fleet": 0,
        "site/PECOS": await sync_to_async(number_of)("site/PECOS"),
    }
    assert {word["refused"] for word in said if "refused" in word} == {
        "site/MUSCAT", "site/GHOST", "site/NOWHERE", "purse/1",
    }  # fmt: skip


async def test_a_partner_follows_its_own_site_and_container_alone(world, server):
    async with server.open(await sync_to_async(session_of)(world.cy)) as connection:
        await follow(connection, "site/GHOST", f"container/{world.g1.pk}", "site/PECOS", f"container/{world.c1.pk}")
        said = [await hear(connection) for _ in range(4)]

    assert {word["topic"] for word in said if "topic" in word} == {"site/GHOST", f"container/{world.g1.pk}"}


async def test_a_change_reaches_the_followers_of_its_topic_alone(world, server):
    async with (
        server.open(await sync_to_async(session_of)(world.ada)) as ada,
        server.open(await sync_to_async(session_of)(world.cy)) as cy,
    ):
        await follow(ada, "site/PECOS")
        await follow(cy, "site/GHOST")
        await hear(ada)
        await hear(cy)

        await say("site/PECOS")

        assert (await asyncio.wait_for(hear(ada), 30))["topic"] == "site/PECOS"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(hear(cy), 0.5)


async def test_a_topic_that_was_let_go_is_silent(world, server):
    async with server.open(await sync_to_async(session_of)(world.bo)) as connection:
        await follow(connection, "site/PECOS", "fleet")
        await hear(connection)
        await hear(connection)
        await connection.send('{"unsubscribe": ["site/PECOS"]}')
        await follow(connection, "fleet")
        await hear(connection)

        await say("site/PECOS")
        await say("fleet")

        assert (await asyncio.wait_for(hear(connection), 30))["topic"] == "fleet"


async def test_numbers_only_ever_grow(world, server):
    async with server.open(await sync_to_async(session_of)(world.bo)) as connection:
        await follow(connection, "fleet")
        heard = [(await hear(connection))["seq"]]

        for _ in range(50):
            await say("fleet")
        last = await sync_to_async(number_of)("fleet")
        while heard[-1] != last:
            heard.append((await asyncio.wait_for(hear(connection), 30))["seq"])

    assert heard == sorted(set(heard))


async def test_an_older_number_that_arrives_late_is_not_passed_on(world, server):
    async with server.open(await sync_to_async(session_of)(world.bo)) as connection:
        await follow(connection, "fleet")
        await hear(connection)
        server.server.servers[0].get_loop().call_soon_threadsafe(server.hub.changed, [("fleet", 9)])
        assert (await hear(connection))["seq"] == 9

        server.server.servers[0].get_loop().call_soon_threadsafe(server.hub.changed, [("fleet", 8), ("fleet", 10)])

        assert (await hear(connection))["seq"] == 10


# Who may open it


async def test_nobody_in_particular_is_closed_with_4401(world, server):
    async with server.open(None) as connection:
        assert await closing(connection) == 4401


async def test_a_made_up_session_is_closed_with_4401(world, server):
    async with server.open("x" * 32) as connection:
        assert await closing(connection) == 4401


async def test_an_account_that_was_withdrawn_is_closed_with_4401(world, server):
    session = await sync_to_async(session_of)(world.ada)
    await User.objects.filter(pk=world.ada.pk).aupdate(is_active=False)

    async with server.open(session) as connection:
        assert await closing(connection) == 4401


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://127.0.0.1.evil.example"])
async def test_another_origin_is_refused_before_it_is_opened(world, server, origin):
    session = await sync_to_async(session_of)(world.ada)

    with pytest.raises(InvalidStatus) as refused:
        async with server.open(session, origin):
            pass

    assert refused.value.response.status_code == 403


# Rights that end while it is open


async def test_a_session_that_ended_closes_the_connection(world, server):
    session = await sync_to_async(session_of)(world.ada)
    async with server.open(session) as connection:
        await follow(connection, "site/PECOS")
        await hear(connection)

        await Session.objects.filter(session_key=session).adelete()
        await recheck(server)

        assert await closing(connection) == 4401


async def test_a_changed_password_closes_the_connection(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, "site/PECOS")
        await hear(connection)

        world.ada.set_password("another long passphrase")
        await world.ada.asave(update_fields=["password"])
        await recheck(server)

        assert await closing(connection) == 4401


async def test_a_right_that_was_withdrawn_ends_that_topic(world, server):
    await Membership.objects.acreate(user=world.ada, role=Role.VIEWER, site=world.muscat)
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, "site/PECOS", "site/MUSCAT")
        await hear(connection)
        await hear(connection)

        await Membership.objects.filter(site=world.muscat).adelete()
        await recheck(server)
        assert await asyncio.wait_for(hear(connection), 30) == {"refused": "site/MUSCAT"}

        await say("site/MUSCAT")
        await say("site/PECOS")
        assert (await asyncio.wait_for(hear(connection), 30))["topic"] == "site/PECOS"


async def test_the_last_right_withdrawn_closes_with_4403(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, "site/PECOS")
        await hear(connection)

        await Membership.objects.filter(user=world.ada).adelete()
        await recheck(server)

        assert await closing(connection) == 4403


async def test_the_hub_looks_again_by_itself(world, redis_url, monkeypatch):
    monkeypatch.setattr(listen, "RECHECK_EVERY_S", 0.1)
    session = await sync_to_async(session_of)(world.ada)
    with running(redis_url) as server:
        async with server.open(session) as connection:
            await follow(connection, "site/PECOS")
            await hear(connection)
            await Session.objects.filter(session_key=session).adelete()
            await asyncio.sleep(0.5)
            (client,) = server.hub.clients

            client.checked_at -= 56

            assert await closing(connection) == 4401


async def recheck(server) -> None:
    """Does at once what the hub does by itself within 60 seconds."""
    loop = server.server.servers[0].get_loop()
    await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(server.hub.recheck(older_than_s=0), loop))


# Limits


@pytest.mark.parametrize(
    "message", ["{", "[]", '{"subscribe": "fleet"}', '{"subscribe": [1]}', '{"delete": ["fleet"]}', b"\x00", "x" * 9000]
)
async def test_what_is_not_understood_closes_with_1008(world, server, message):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await connection.send(message)

        assert await closing(connection) == 1008


async def test_too_many_messages_close_with_1008(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        with suppress(ConnectionClosed):
            for _ in range(100):
                await follow(connection, "fleet")

        assert await closing(connection) == 1008


async def test_too_many_topics_close_with_1008(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, *(f"site/{number}" for number in range(257)))

        assert await closing(connection) == 1008


async def test_one_person_may_not_take_all_connections(world, redis_url):
    session = await sync_to_async(session_of)(world.ada)
    with running(redis_url, Limits(connections_per_user=2)) as server:
        async with server.open(session) as first, server.open(session) as second:
            await first.recv()
            await second.recv()
            async with server.open(session) as third:
                assert await closing(third) == 1013
        async with server.open(session) as fourth:
            assert "hello" in json.loads(await fourth.recv())


async def test_a_full_server_says_try_later(world, redis_url):
    session = await sync_to_async(session_of)(world.ada)
    with running(redis_url, Limits(connections=1)) as server:
        async with server.open(session) as first:
            await first.recv()
            async with server.open(session) as second:
                assert await closing(second) == 1013


async def test_who_leaves_leaves_nothing_behind(world, server):
    async with server.open(await sync_to_async(session_of)(world.ada)) as connection:
        await follow(connection, "site/PECOS")
        await hear(connection)
        assert server.hub.followed() == ["site/PECOS"]

    for _ in range(1500):
        if not server.hub.clients:
            break
        await asyncio.sleep(0.02)

    assert server.hub.followed() == []
    assert server.hub.per_user[world.ada.pk] == 0
