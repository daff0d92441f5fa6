"""The console's own feed readers against the estate's feeds, over real sockets."""

import asyncio
from datetime import UTC, date, datetime

import pytest

from cango_ops.estate.chain_feed import PASSWORD, USER
from cango_ops.estate.layout import FEED_PORT, NETWORK_ADDRESS, NODE_ADDRESS, POOL_ADDRESS
from cango_ops.estate.machine import Machine
from cango_ops.estate.payouts import DESCRIPTOR
from cango_ops.wire import NoAnswer
from compute.feeds import mempool_space, spot_price
from compute.feeds.pools import PROVIDERS, Credentials
from compute.feeds.pools.paging import Span
from compute.market import fetch
from treasury.chain.descriptors import parse
from treasury.chain.watching import Wanted
from treasury.wallets.sources import Source


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


def wanted() -> list[Wanted]:
    return [Wanted(1, parse(DESCRIPTOR), 20)]


async def listed(estate):
    who = Credentials(token="estate-cango-token")
    url = url_of(estate, POOL_ADDRESS)
    span = Span(date(2025, 1, 1), date(2030, 1, 1))
    return await asyncio.to_thread(fetch.talk, url, lambda path: PROVIDERS["braiins"].statement(who, path, span))


@pytest.mark.parametrize("kind", ["core", "esplora"])
async def test_what_the_estates_pool_pays_arrives_on_its_chain(estate, kind):
    told = await listed(estate)
    where = url_of(estate, NODE_ADDRESS).removeprefix("http://")
    sign_in = f"{USER}:{PASSWORD}@" if kind == "core" else ""

    read = await asyncio.to_thread(Source(kind, f"http://{sign_in}{where}").read, wanted(), set())

    payouts = {payout.key: payout.amount_sat for payout in told.payouts}
    arrived = {coin.txid: coin.sat for coin in read.coins}
    assert len(payouts) == 60
    assert arrived.keys() == payouts.keys()
    assert sorted(payouts[key] - sat for key, sat in arrived.items() if payouts[key] != sat) == [2_500, 2_500]


async def test_what_the_estates_pool_listed_once_it_lists_again(estate):
    first = await listed(estate)
    estate.clock.now += 7_200
    again = await listed(estate)

    assert (again.earnings, again.payouts) == (first.earnings, first.payouts)
    days = {one.day: one.amount_sat for one in first.earnings}
    paid = [payout.amount_sat for payout in first.payouts][-30:]
    assert sorted(days.values()) == sorted(paid)


async def test_the_estates_node_wants_its_sign_in(estate):
    where = url_of(estate, NODE_ADDRESS).removeprefix("http://")
    with pytest.raises(NoAnswer, match="denied: HTTP 401"):
        await asyncio.to_thread(Source("core", f"http://x:y@{where}").read, wanted(), set())


async def test_the_estates_network_tells_its_epochs_and_its_past_price(estate):
    url = url_of(estate, NETWORK_ADDRESS, "/api/v1")

    epochs = await asyncio.to_thread(fetch.talk, url, mempool_space.ask_epochs)
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    at, usd = await asyncio.to_thread(fetch.talk, url, lambda path: mempool_space.ask_price_at(moment, path))

    assert [one.number for one in epochs] == list(range(epochs[0].number, epochs[0].number + len(epochs)))
    assert at == moment
    assert 80_000 < usd < 110_000
