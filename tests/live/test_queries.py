import pytest
from asgiref.sync import sync_to_async

from cango_ops.live import queries
from cango_ops.live.publish import publish
from tests.live.server import follow, hear, running, session_of
from tests.worlds import make_world


@pytest.mark.django_db(transaction=True)
async def test_the_push_says_who_listens_and_how_late_it_is(redis_url):
    world = await sync_to_async(make_world)()
    session = await sync_to_async(session_of)(world.bo)
    with running(redis_url) as server:
        async with server.open(session) as one, server.open(session) as two:
            for connection in (one, two):
                await follow(connection, "fleet")
                await hear(connection)
            await sync_to_async(publish)("fleet")
            await hear(one)
            state = queries.push(server.hub)

    assert (state.connections, state.people, state.topics) == (2, 1, 1)
    assert state.database_is_here
    assert state.lag_s is not None
    assert state.lag_s < 1
