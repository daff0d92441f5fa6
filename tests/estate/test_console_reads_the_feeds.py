"""The console's own feed readers against the estate's feeds, over real sockets."""

import asyncio

import pytest

from cango_ops.estate.layout import FEED_PORT, NETWORK_ADDRESS, POOL_ADDRESS
from cango_ops.estate.machine import Machine
from cango_ops.wire import NoAnswer
from compute.feeds import mempool_space, spot_price
from compute.feeds.pools import PROVIDERS, Credentials
from compute.market import fetch


def url_of(estate, address: str, path: str = "") -> str:
    return f"http://{address}:{FEED_PORT + estate.estate.shift}{path}"


async def account(estate, token: str):
    who = Credentials(token=token)
    url = url_of(estate, POOL_ADDRESS)
    return await asyncio.to_thread(fetch.talk, url, lambda path: PROVIDERS["braiins"].read(who, path))


async def test_an_account_at_the_estates_pool_adds_up(estate):
    read = await account(estate, "estate-cango-token")

    machines = [machine for machine in estate.machines() if isinstance(machine, Machine)]
    assert read.hashrate_24h_ths > 0
    assert read.workers_active == sum(worker.is_active is True for worker in read.workers)
    assert sum(worker.hashrate_ths for worker in read.workers) == pytest.approx(read.hashrate_now_ths, rel=0.1)
    assert len(read.payouts) == 30
    assert read.hashrate_24h_ths < sum(machine.plate.ths for machine in machines)


async def test_a_wrong_token_and_too_many_questions_are_said_in_words(estate):
    with pytest.raises(NoAnswer, match="denied: HTTP 401"):
        await account(estate, "nobody")
    for _ in range(2):  # three questions each; the pool keeps a reserve of six
        await account(estate, "estate-cango-token")
    with pytest.raises(NoAnswer, match="bad_status: HTTP 429"):
        await account(estate, "estate-cango-token")


async def test_the_estates_network_and_its_price_are_read(estate):
    url = url_of(estate, NETWORK_ADDRESS, "/api/v1")

    network = await asyncio.to_thread(fetch.talk, url, mempool_space.ask_network)
    price = await asyncio.to_thread(fetch.talk, url, lambda path: spot_price.ask_price("mempool", path))

    assert spot_price.agreed(network.price_usd, price) == pytest.approx(price, rel=0.01)
    assert network.reward_sat > 312_500_000


async def test_a_server_that_never_answers_ends_at_the_deadline():
    async def silent(reader, writer):
        await asyncio.sleep(3)

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
    with pytest.raises(NoAnswer, match="deadline"):
        await asyncio.to_thread(fetch.talk, url, mempool_space.ask_network, deadline_s=0.3)
    server.close()
