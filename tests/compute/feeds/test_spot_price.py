"""Prices of exchanges, and two that must agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from compute.feeds.spot_price import agreed, ask_price, parse_coinbase, parse_kraken

COINBASE = b'{"data":{"amount":"80000.50","base":"BTC","currency":"USD"}}'
KRAKEN = b'{"error":[],"result":{"XXBTZUSD":{"a":["80001.0","1","1"],"c":["79999.5","0.01"]}}}'


@pytest.mark.parametrize(
    ("kind", "answer", "price"),
    [("coinbase", COINBASE, 80000.5), ("kraken", KRAKEN, 79999.5), ("mempool", b'{"USD":80000}', 80000)],
)
def test_each_source_says_its_price(kind, answer, price):
    conversation = ask_price(kind, "")
    next(conversation)

    with pytest.raises(StopIteration) as end:
        conversation.send(answer)

    assert end.value.value == price


def test_two_that_agree_give_their_mean():
    assert agreed(80_000, 80_400) == 80_200


def test_two_that_differ_are_refused_in_words():
    with pytest.raises(Garbled, match=r"two sources differ by 22\.2 %: \$80,000\.00 and \$100,000\.00"):
        agreed(80_000, 100_000)


@pytest.mark.parametrize("amount", [b'"0"', b'"-5"', b'"nan"', b'"1e400"', b"null", b"true", b'"eighty"'])
def test_an_absurd_price_is_refused(amount):
    with pytest.raises(Garbled):
        parse_coinbase(b'{"data":{"currency":"USD","amount":' + amount + b"}}")


def test_krakens_refusal_keeps_its_words():
    with pytest.raises(Garbled, match="Unknown asset pair"):
        parse_kraken(b'{"error":["EQuery:Unknown asset pair"]}')


@given(st.binary(max_size=120))
def test_nothing_but_garbled_leaves_the_parsers(raw):
    for parse in (parse_coinbase, parse_kraken):
        with pytest.raises(Garbled):
            parse(raw)
