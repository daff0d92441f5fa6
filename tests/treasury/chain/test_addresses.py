import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cango_ops.wire import Garbled
from treasury.chain.addresses import parse

# BIP 173, BIP 350, BIP 86 and Bitcoin's own first addresses.
GOOD = [
    ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "p2pkh"),
    ("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "p2sh"),
    ("bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "p2wpkh"),
    ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "p2wpkh"),
    ("bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3", "p2wsh"),
    ("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "p2tr"),
]


@pytest.mark.parametrize(("text", "script"), GOOD)
def test_addresses_of_every_kind(text, script):
    found = parse(f" {text} ")

    assert (found.script, found.network) == (script, "main")
    assert found.text == (text.lower() if text[:2].lower() == "bc" else text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "another network than main"),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "another network than main"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "mistyped or cut off"),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3t4", "mistyped or cut off"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "mistyped or cut off"),
        ("bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y", "witness version 1 of 40 bytes"),
        ("bc1sw50qgdz25j", "witness version 16 of 2 bytes"),
        ("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "mistyped or cut off"),
        ("", "no bitcoin address"),
        ("bc1q é", "no bitcoin address"),
        ("x" * 500, "no bitcoin address"),
        ("=HYPERLINK(1)", "no bitcoin address"),
    ],
)
def test_what_is_no_address_of_the_network_is_refused(text, why):
    with pytest.raises(Garbled, match=why):
        parse(text)


@given(st.sampled_from(GOOD), st.integers(0, 61), st.sampled_from("023456789acdefghjklmnpqrstuvwxyzABCDEFGHJK"))
def test_one_wrong_letter_is_always_found(good, place, letter):
    text = good[0]
    place %= len(text)
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong.lower() == text.lower():
        return
    with pytest.raises(Garbled):
        parse(wrong)


@given(st.text(max_size=100))
def test_any_text_is_an_address_or_refused(text):
    with contextlib.suppress(Garbled):
        parse(text)
