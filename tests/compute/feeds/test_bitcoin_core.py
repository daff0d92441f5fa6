"""The answers of an own node."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.feeds.bitcoin_core import Chain, ask_chain, parse_info, parse_reward_sat

INFO = {"chain": "main", "blocks": 900_143, "headers": 900_144, "difficulty": 1.25e14, "initialblockdownload": False}


def info(**changed: object) -> bytes:
    return msgspec.json.encode({"result": INFO | changed, "error": None, "id": 0})


def test_two_questions_make_the_chain():
    conversation = ask_chain("rpc", "pass", "/")
    first = next(conversation)
    second = conversation.send(info())
    calls = msgspec.json.decode(second.payload.partition(b"\r\n\r\n")[2])
    answers = [
        {"result": {"subsidy": 312_500_000, "totalfee": fee}, "error": None, "id": at}
        for at, fee in enumerate(range(144))
    ]

    with pytest.raises(StopIteration) as end:
        conversation.send(msgspec.json.encode(answers))

    assert b"\r\nAuthorization: Basic cnBjOnBhc3M=\r\n" in first.payload
    assert (len(calls), calls[0]["params"], calls[-1]["params"][0]) == (
        144,
        [900_000, ["subsidy", "totalfee"]],
        900_143,
    )
    # fees 0 to 143 sat: mean 71.5, rounded down
    assert end.value.value == Chain(height=900_143, difficulty=1.25e14, reward_sat=312_500_071)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"initialblockdownload": True}, "still loads"),
        ({"headers": 900_200}, "57 blocks behind"),
        ({"difficulty": 0}, "a difficulty of 0"),
        ({"difficulty": True}, "no difficulty"),
        ({"blocks": "900143"}, "no height"),
    ],
)
def test_a_node_that_cannot_be_believed_is_refused(changed, words):
    with pytest.raises(Garbled, match=words):
        parse_info(info(**changed))


def test_a_refusal_keeps_the_nodes_words():
    with pytest.raises(Garbled, match="refused: Loading block index"):
        parse_info(b'{"result":null,"error":{"code":-28,"message":"Loading block index"},"id":0}')


def test_a_missing_block_spoils_the_mean():
    with pytest.raises(Garbled, match="not an answer for each block"):
        parse_reward_sat(b"[]", 144)


@given(st.binary(max_size=150))
def test_nothing_but_garbled_leaves_the_parsers(raw):
    for parse in (parse_info, lambda body: parse_reward_sat(body, 3)):
        with pytest.raises(Garbled):
            parse(raw)
