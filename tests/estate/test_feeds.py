from itertools import pairwise

import msgspec
import pytest

from cango_ops.estate import bitcoin
from cango_ops.estate.layout import FEED_PORT, NETWORK_ADDRESS, POOL_ADDRESS, PRICE_ADDRESS
from cango_ops.estate.machine import Machine
from tests.estate.small_estate import NOON

HOUR, DAY = 3_600, 86_400
CANGO = "estate-cango-token"


async def get(estate, address: str, path: str, **headers: str) -> tuple[int, object]:
    status, _, body = await estate.http(address, FEED_PORT, path, **headers)
    return status, msgspec.json.decode(body) if body[:1] in b"{[0123456789" and body else body


async def test_the_pool_wants_its_token_and_counts_requests(estate):
    path = "/accounts/profile/json/btc/"
    assert (await get(estate, POOL_ADDRESS, path))[0] == 401

    codes = [(await get(estate, POOL_ADDRESS, path, Pool_Auth_Token=CANGO))[0] for _ in range(8)]
    assert codes[0] == 200
    assert codes[-1] == 429

    estate.clock.now += 10
    assert (await get(estate, POOL_ADDRESS, path, Pool_Auth_Token=CANGO))[0] == 200


async def test_the_pool_sees_about_what_the_machines_do(estate):
    _, profile = await get(estate, POOL_ADDRESS, "/accounts/profile/json/btc/", Pool_Auth_Token=CANGO)

    sites = [site for site in estate.world.sites if site.site.operator == "CANGO"]
    machines = [m for site in sites for m in estate.world.machines_of(site) if isinstance(m, Machine)]
    nameplate = sum(m.plate.ths for m in machines)
    assert 0.85 * nameplate < profile["btc"]["hash_rate_60m"] / 1000 < nameplate


async def test_each_operator_has_an_account_of_its_own(estate):
    _, answer = await get(estate, POOL_ADDRESS, "/accounts/workers/json/btc/", Pool_Auth_Token="estate-rift-token")

    sites = {name.split(".")[1][:-3] for name in answer["btc"]["workers"]}
    assert sites == {"naivasha", "turkana"}


async def test_the_network_feed_agrees_with_itself(estate):
    _, adjustment = await get(estate, NETWORK_ADDRESS, "/api/v1/difficulty-adjustment")
    _, tip = await get(estate, NETWORK_ADDRESS, "/api/v1/blocks/tip/height")
    _, blocks = await get(estate, NETWORK_ADDRESS, "/api/v1/blocks")

    assert blocks[0]["height"] == tip
    assert blocks[0]["previousblockhash"] == blocks[1]["id"]
    assert adjustment["nextRetargetHeight"] - tip == adjustment["remainingBlocks"]
    assert all(a["timestamp"] > b["timestamp"] for a, b in pairwise(blocks))


async def test_reward_stats_are_texts_of_satoshis(estate):
    _, stats = await get(estate, NETWORK_ADDRESS, "/api/v1/mining/reward-stats/144")

    assert stats["endBlock"] - stats["startBlock"] == 143
    assert int(stats["totalReward"]) == 144 * 312_500_000 + int(stats["totalFee"])


@pytest.mark.parametrize(
    "path",
    [
        "prices",
        "fees/recommended",
        "mining/hashrate/1m",
        "mining/hashrate/3d",
        "mining/difficulty-adjustments",
        "historical-price?timestamp=9",
    ],
)
async def test_what_a_miner_asks_of_the_network_is_there(estate, path):
    assert (await get(estate, NETWORK_ADDRESS, f"/api/v1/{path}"))[0] == 200


async def test_the_same_difficulty_gives_the_hashrate_and_the_earnings():
    hashes = bitcoin.hashrate_hs(NOON)

    assert 5e20 < hashes < 3e21
    # One TH/s is 1e12 / hashes of the network, which finds 144 blocks of at least 3.125 BTC a day.
    assert bitcoin.btc_per_ths_day(NOON) >= 450 * 1e12 / hashes


async def test_the_difficulty_changes_with_the_epoch_only():
    first = 2_016 * 480

    assert bitcoin.difficulty_at(first) == bitcoin.difficulty_at(first + 2_015)
    assert bitcoin.difficulty_at(first) != bitcoin.difficulty_at(first - 1)


async def test_a_day_has_a_price_for_each_of_its_own_hours(estate):
    async def hours(day: str) -> list[str]:
        _, answer = await get(estate, PRICE_ADDRESS, f"/v1/day-ahead?market=ERCOT-WEST&date={day}")
        return [price["start"] for price in answer["prices"]]

    assert len(await hours("2026-11-20")) == 24
    assert (await hours("2026-11-20"))[0] == "2026-11-20T06:00:00Z"
    assert len(await hours("2026-03-08")) == 23
    assert len(await hours("2026-11-01")) == 25


async def test_tomorrow_is_published_at_noon_of_the_market(estate):
    path = "/v1/day-ahead?market=ERCOT-WEST&date=2026-11-22"
    assert (await get(estate, PRICE_ADDRESS, path))[0] == 404  # 06:00 in Texas

    estate.clock.now += 7 * HOUR
    assert (await get(estate, PRICE_ADDRESS, path))[0] == 200


async def test_an_unknown_market_is_not_found(estate):
    assert (await get(estate, PRICE_ADDRESS, "/v1/real-time?market=NOWHERE"))[0] == 404


async def test_every_site_has_a_market_that_is_quoted(estate):
    _, answer = await get(estate, PRICE_ADDRESS, "/v1/markets")

    quoted = {market["market"] for market in answer["markets"]}
    assert {site.site.market for site in estate.world.sites} == quoted
