"""Watched wallets that a real Bitcoin Core keeps as watch-only wallets of its own."""

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
    settled,
    watched,
)
from treasury.chain.core_wallet import imported, name_of
from treasury.models import WalletOutput, WalletReading
from treasury.wallets.read import Kept, wanted
from treasury.wallets.sources import Source

pytestmark = MARKS


@pytest.fixture(scope="module")
def wallets(node):
    """The same node, asked for wallets in it."""
    source, call = node
    return Source("core-wallet", source.url), call


def in_node(wallet):
    return name_of(wanted(wallet))


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_each_kind_of_script_is_found_on_both_branches(wallets, name):
    source, call = wallets
    wallet = watched(name, path=12)
    pay(call, wallet, 0.5, number=3)
    pay(call, wallet, 0.25000001, number=7, branch=1)
    mine(call, 6)
    once(source)

    assert balance(wallet) == (75_000_001, 0, 0)
    assert sorted(WalletOutput.objects.values_list("branch", "number", "sat")) == [
        (0, 3, 50_000_000), (1, 7, 25_000_001),
    ]  # fmt: skip
    assert WalletReading.objects.get().block_hash == call("getbestblockhash")
    assert call("getwalletinfo", wallet=in_node(wallet))["private_keys_enabled"] is False


def test_what_waits_in_the_mempool_is_pending_until_it_is_deep_enough(wallets, clock):
    source, call = wallets
    wallet = watched(path=13)
    pay(call, wallet, 1)
    once(source)
    assert (balance(wallet), WalletOutput.objects.get().height) == ((0, 0, 10**8), None)
    mine(call, 6)
    again(source, clock)

    assert (balance(wallet), WalletOutput.objects.get().height) == ((10**8, 0, 0), call("getblockcount") - 5)


def test_a_young_coinbase_is_immature(wallets):
    source, call = wallets
    wallet = watched(path=14)
    call("generatetoaddress", 2, address(call, wallet))
    mine(call, 98)
    once(source)

    # The older of the two has 100 confirmations, the other 99.
    older, younger = WalletOutput.objects.order_by("height").values_list("sat", flat=True)
    assert balance(wallet) == (older, younger, 0)


def test_a_block_that_is_unmade_takes_its_reading_with_it(wallets, clock):
    source, call = wallets
    wallet = watched(path=15, min_confirmations=1)
    pay(call, wallet, 1)
    mine(call)
    once(source)
    gone = call("getbestblockhash")

    call("invalidateblock", gone)
    settled(call)
    assert again(source, clock) == Kept(1, 1)
    assert balance(wallet) == (0, 0, 10**8)
    mine(call, 2)
    again(source, clock)
    assert balance(wallet) == (10**8, 0, 0)
    call("reconsiderblock", gone)


def test_it_is_filled_once_and_loaded_again(wallets, clock):
    source, call = wallets
    wallet = watched(path=16, min_confirmations=1)
    once(source)
    filled = call("listdescriptors", wallet=in_node(wallet))
    call("unloadwallet", in_node(wallet))
    pay(call, wallet, 1, number=999)
    mine(call)
    again(source, clock)

    assert balance(wallet) == (10**8, 0, 0)
    again_filled = call("listdescriptors", wallet=in_node(wallet))["descriptors"]
    assert [row["timestamp"] for row in again_filled] == [row["timestamp"] for row in filled["descriptors"]]


def test_the_node_looks_beyond_the_addresses_that_were_imported(wallets, clock):
    source, call = wallets
    wallet = watched(path=17, min_confirmations=1)
    once(source)
    pay(call, wallet, 1, number=900)
    mine(call)
    pay(call, wallet, 2, number=1500)
    mine(call)
    again(source, clock)

    assert balance(wallet) == (3 * 10**8, 0, 0)


def test_a_wallet_of_the_node_that_could_hold_keys_is_refused(wallets):
    source, call = wallets
    wallet = watched(path=18)
    call("createwallet", in_node(wallet), False, True)

    with pytest.raises(NoAnswer, match="is not watch-only by descriptors"):
        once(source)
    assert WalletReading.objects.count() == 0


def test_a_wallet_of_the_node_with_anothers_descriptor_is_refused(wallets):
    source, call = wallets
    wallet, other = watched(path=19), watched(path=20, retired_at=NOON)
    call("createwallet", in_node(wallet), True, True)
    call("importdescriptors", [imported(wanted(other), 0)], wallet=in_node(wallet))

    with pytest.raises(NoAnswer, match="holds a descriptor of another wallet"):
        once(source)


def test_a_pruned_node_says_why_it_cannot_fill_it(tmp_path):
    with regtest(tmp_path, "-prune=1", "-fastprune") as (source, call):
        call("createwallet", "miner")
        mine(call, 800)
        call("pruneblockchain", 400)
        watched(path=21)
        with pytest.raises(NoAnswer, match="importdescriptors refused: Rescan failed"):
            once(Source("core-wallet", source.url))


def test_both_ways_of_asking_core_say_the_same(wallets, clock):
    source, call = wallets
    wallet = watched(path=22, min_confirmations=1)
    pay(call, wallet, 1)
    pay(call, wallet, 0.5, number=4, branch=1)
    mine(call, 3)
    once(source)
    said = balance(wallet)
    again(Source("core", source.url), clock)

    assert balance(wallet) == said == (15 * 10**7, 0, 0)
