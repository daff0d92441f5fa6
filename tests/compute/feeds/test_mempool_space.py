"""The answers of a mempool.space-compatible API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.feeds import mempool_space as feed
from compute.feeds.mempool_space import Network

ANSWERS = {
    "mining_hashrate": b'{"hashrates":[],"difficulty":[],"currentHashrate":9e20,"currentDifficulty":125000000000000.0}',
    "mining_reward-stats": b'{"startBlock":900000,"endBlock":900143,"totalReward":"45600000000","totalFee":"6"}',
    "prices": b'{"time":1703252411,"USD":80000,"EUR":75000}',
}


def talk(answers: dict[str, bytes]) -> Network:
    conversation = feed.ask_network()
    ask = next(conversation)
    while True:
        try:
            ask = conversation.send(answers[ask.name])
        except StopIteration as end:
            return end.value


def test_three_answers_make_the_network():
    # 45,600,000,000 sat over 144 blocks
    assert talk(ANSWERS) == Network(difficulty=1.25e14, reward_sat=316_666_666, price_usd=80000)


def test_hashprice_by_hand():
    # 86,400e15 / (1.25e14 * 2**32) = 0.000160933... blocks a day and PH/s; times 3.125 BTC and 100,000 $
    network = Network(difficulty=1.25e14, reward_sat=312_500_000, price_usd=100_000)
    assert network.hashprice_usd_per_ph_day == pytest.approx(50.2914, abs=1e-4)


def test_hashprice_agrees_with_a_published_day():
    # 2026-08-21: hashprice 38.97 $/PH/day at 78,456.69 $, 432.984 BTC mined by 9.089e20 H/s (7-day mean):
    # that hashrate is difficulty * 2**32 / 600 s at the day's 136.7 blocks.
    network = Network(difficulty=127_479_855_693_691, reward_sat=316_736_544, price_usd=78_456.69)
    assert network.hashprice_usd_per_ph_day == pytest.approx(38.97, rel=0.02)


@pytest.mark.parametrize("price", [b"0", b"-1", b"80000000000", b"null", b'"80000"', b"true", b"[]"])
def test_an_absurd_price_is_refused(price):
    with pytest.raises(Garbled, match="USD"):
        talk(ANSWERS | {"prices": b'{"USD":' + price + b"}"})


def test_a_range_of_blocks_that_runs_backwards_is_refused():
    with pytest.raises(Garbled, match="range of blocks"):
        feed.parse_reward_sat(b'{"startBlock":2,"endBlock":1,"totalReward":"1"}')


@given(st.binary(max_size=200))
def test_nothing_but_garbled_leaves_a_parser(body):
    for parse in (feed.parse_difficulty, feed.parse_reward_sat, feed.parse_price_usd):
        with pytest.raises(Garbled):
            parse(body)
