"""Watched wallets read out of a real Bitcoin Core: what it pays, unmakes, prunes and refuses."""

from datetime import timedelta

import pytest

from cango_ops.wire import NoAnswer
from tests.treasury.wallets.regtest import (
    DESCRIPTORS,
    MARKS,
    NOON,
    address,
    again,
    balance,
    mine,
    once,
    pay,
    regtest,
    watched,
)
from treasury.chain.descriptors import parse
from treasury.models import Wallet, WalletOutput, WalletReading, WalletWatch
from treasury.wallets.read import Kept
from treasury.wallets.sources import Source

pytestmark = MARKS


def test_a_coinbase_ripens_at_a_hundred(node):
    source, call = node
    wallet = watched(path=1)
    call("generatetoaddress", 3, address(call, wallet))
    mine(call, 97)
    once(source)

    # The first of the three has 100 confirmations, the others 99 and 98.
    first, second, third = WalletOutput.objects.order_by("height").values_list("sat", flat=True)
    assert balance(wallet) == (first, second + third, 0)
    assert WalletReading.objects.get().block_hash == call("getbestblockhash")


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_each_kind_of_script_is_found_on_both_branches(node, name):
    source, call = node
    wallet = watched(name, path=2)
    pay(call, wallet, 0.5, number=3)
    pay(call, wallet, 0.25000001, number=7, branch=1)
    mine(call, 6)
    once(source)

    assert balance(wallet) == (75_000_001, 0, 0)
    assert sorted(WalletOutput.objects.values_list("branch", "number", "sat", "is_coinbase")) == [
        (0, 3, 50_000_000, False), (1, 7, 25_000_001, False),
    ]  # fmt: skip


def test_two_heights_are_two_readings(node, clock):
    source, call = node
    wallet = watched(path=3)
    pay(call, wallet, 1)
    mine(call, 6)
    once(source)
    height = call("getblockcount")
    pay(call, wallet, 2, number=1)
    mine(call, 6)
    again(source, clock)

    rows = WalletReading.objects.order_by("observed_at").values_list("height", "confirmed_sat")
    assert list(rows) == [(height, 10**8), (height + 6, 3 * 10**8)]


def test_few_confirmations_are_pending_and_none_is_not_told(node, clock):
    source, call = node
    wallet = watched(path=4)
    pay(call, wallet, 1)
    once(source)
    assert balance(wallet) == (0, 0, 0)
    mine(call, 5)
    again(source, clock)
    assert balance(wallet) == (0, 0, 10**8)
    mine(call)
    again(source, clock)
    assert balance(wallet) == (10**8, 0, 0)


def test_a_block_that_is_unmade_takes_its_reading_with_it(node, clock):
    source, call = node
    wallet = watched(path=5, min_confirmations=1)
    pay(call, wallet, 1)
    mine(call)
    once(source)
    gone = call("getbestblockhash")
    assert balance(wallet) == (10**8, 0, 0)

    call("invalidateblock", gone)
    assert again(source, clock) == Kept(1, 1)
    assert balance(wallet) == (0, 0, 0)
    old, new = WalletReading.objects.order_by("observed_at")
    assert (old.block_hash, old.orphaned_at, new.replaces) == (gone, NOON + timedelta(minutes=11), old)
    assert WalletOutput.objects.get().gone_at == NOON + timedelta(minutes=11)

    mine(call, 2)
    again(source, clock)
    assert balance(wallet) == (10**8, 0, 0)
    assert WalletOutput.objects.get().gone_at is None
    call("reconsiderblock", gone)


def test_a_wallet_of_the_main_network_is_not_asked_of_it(node):
    source, _ = node
    Wallet.objects.create(
        name="cold", kind="watched", network="main", added_by="t",
        descriptor=parse("wpkh(xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8/0/*)").text,
    )  # fmt: skip

    with pytest.raises(NoAnswer, match="on the network 'regtest', and the wallet is not"):
        once(source, network="main")

    assert WalletReading.objects.count() == 0


def test_a_wrong_password_is_denied(node):
    watched(path=6)
    with pytest.raises(NoAnswer, match="denied: HTTP 401"):
        once(Source("core", node[0].url.replace("u:p@", "u:wrong@")))

    assert "401" in WalletWatch.objects.get().failing_reason


def test_what_the_node_refuses_is_told_with_its_code(node):
    _, call = node

    with pytest.raises(NoAnswer, match=r"getblockhash refused: Block height out of range .code -8."):
        call("getblockhash", 10**6)
    with pytest.raises(NoAnswer, match=r"nothing refused: Method not found .code -32601."):
        call("nothing")


def test_a_pruned_node_tells_the_same(tmp_path):
    with regtest(tmp_path, "-prune=1", "-fastprune") as (source, call):
        call("createwallet", "miner")
        mine(call, 101)
        wallet = watched(path=7, min_confirmations=1)
        pay(call, wallet, 1)
        mine(call, 400)
        call("pruneblockchain", 300)
        assert call("getblockchaininfo")["pruned"] is True
        once(source)

    assert balance(wallet) == (10**8, 0, 0)


def test_a_node_that_is_gone_is_said_so(node, tmp_path):
    watched(path=8)
    with regtest(tmp_path) as (source, _):
        pass
    with pytest.raises(NoAnswer, match="refused"):
        once(source)
