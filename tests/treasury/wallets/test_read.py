"""Watched wallets read over real sockets, from each kind of source."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import time_machine

from cango_ops.base import leases
from cango_ops.base.jobs import Job
from cango_ops.estate import chain_feed
from cango_ops.estate.http_server import HttpResponse
from cango_ops.wire import NoAnswer
from tests.treasury.wallets.nodes import (
    NODES,
    WATCH,
    Chain,
    Http,
    Lines,
    core,
    electrum,
    esplora,
    in_line,
    serving,
    spoken,
)
from treasury.models import ReconciliationBreak, Wallet, WalletOutput, WalletReading, WalletWatch
from treasury.wallets import read, standing
from treasury.wallets.read import Kept
from treasury.wallets.sources import Source, configured, source_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def chain():
    return Chain()


@pytest.fixture
def wallet():
    return Wallet.objects.create(name="cold", kind="watched", descriptor=WATCH.text, added_by="t", min_confirmations=6)


def once(source, network="main", is_first=True):
    lease = leases.take("treasury.wallets", 600) or leases.Lease.objects.get(name="treasury.wallets")
    return read.read(source, network, lease, is_first=is_first)


def balance(wallet):
    row = WalletReading.objects.filter(wallet=wallet).order_by("-observed_at", "-pk")[0]
    return row.confirmed_sat, row.immature_sat, row.pending_sat


@pytest.mark.parametrize("kind", NODES)
def test_each_source_tells_the_same_coins(kind, chain, wallet):
    chain.pay(1_000, number=3)
    chain.pay(50_000, number=1, is_coinbase=True)
    chain.mine(3)
    chain.pay(20, branch=1, number=7)
    chain.mine(2)
    with NODES[kind](chain) as source:
        assert once(source) == Kept(1, 0)

    row = WalletReading.objects.get()
    assert (row.height, row.block_hash) == (125, chain.hash_at(125))
    assert balance(wallet) == (1_000, 50_000, 20)
    assert sorted(WalletOutput.objects.values_list("branch", "number", "sat", "is_coinbase")) == [
        (0, 1, 50_000, True), (0, 3, 1_000, False), (1, 7, 20, False),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["esplora", "electrum"])
def test_what_waits_in_the_mempool_is_pending(kind, chain, wallet):
    chain.wait(77)
    with NODES[kind](chain) as source:
        once(source)

    assert (balance(wallet), WalletOutput.objects.get().height) == ((0, 0, 77), None)


@pytest.mark.parametrize("kind", ["esplora", "electrum"])
def test_the_gap_limit_ends_the_search(kind, chain, wallet):
    Wallet.objects.update(gap_limit=5)
    chain.pay(1, number=4)
    chain.pay(2, number=9)
    chain.pay(4, number=15)
    with NODES[kind](chain) as source:
        once(source)

    assert sum(balance(wallet)) == 3


@pytest.mark.parametrize("kind", NODES)
def test_a_block_that_left_the_chain_takes_its_reading_with_it(kind, chain, wallet, clock):
    chain.pay(1_000)
    chain.mine(10)
    chain.pay(5)
    with NODES[kind](chain) as source:
        once(source)
        chain.reorganise(2)
        clock.shift(timedelta(minutes=11))

        assert once(source) == Kept(1, 1)

    old, new = WalletReading.objects.order_by("observed_at")
    assert (old.orphaned_at, new.replaces, new.height) == (NOON + timedelta(minutes=11), old, 131)
    (now,) = standing.standings(NOON + timedelta(minutes=12))
    assert (now.said_sat, now.moved_sat, now.orphaned) == (1_000, -5, (old,))


def test_a_wallet_is_not_read_again_before_its_time(chain, wallet, clock):
    with core(chain) as source:
        assert once(source) == Kept(1, 0)
        assert once(source) == Kept(0, 0)
        clock.shift(timedelta(minutes=10))
        assert once(source) == Kept(1, 0)


def test_what_is_spent_is_gone_and_what_is_back_is_there(chain, wallet, clock):
    txid = chain.pay(9)
    chain.mine(10)
    kept = [block[:] for block in chain.blocks]
    with core(chain) as source:
        once(source)
        chain.spend(txid)
        clock.shift(timedelta(minutes=10))
        once(source)
        assert WalletOutput.objects.get().gone_at == NOON + timedelta(minutes=10)
        chain.blocks = kept
        clock.shift(timedelta(minutes=10))
        once(source)

    assert WalletOutput.objects.get().gone_at is None


def test_core_searches_on_where_addresses_run_out(chain, wallet):
    chain.pay(3, number=990)
    chain.pay(4, number=1500)
    with core(chain) as source:
        once(source)

    assert sum(balance(wallet)) == 7


@pytest.mark.parametrize("kind", NODES)
def test_a_source_of_another_network_is_refused(kind, wallet):
    with NODES[kind](Chain("regtest")) as source, pytest.raises(NoAnswer, match="network"):
        once(source)

    assert "network" in WalletWatch.objects.get().failing_reason
    assert WalletReading.objects.count() == 0


ABSURD = {
    "huge": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    "noise": b"\x00\xff" * 50,
    "html": HttpResponse(200, b"<html>"),
    "list": HttpResponse(200, b"[]"),
    "null": HttpResponse(200, b"null"),
    "deep": HttpResponse(200, b"[" * 100_000),
    "denied": HttpResponse(401, b""),
    "failing": HttpResponse(500, b""),
    "number": HttpResponse(200, b'{"result":{"chain":"main","blocks":-1,"headers":1e400}}'),
}


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("name", ABSURD)
def test_an_absurd_answer_is_one_clear_error_and_loses_nothing(kind, name, chain, wallet, clock):
    chain.pay(8)
    with NODES[kind](chain) as source:
        once(source)
    clock.shift(timedelta(minutes=10))
    answer = ABSURD[name]
    if kind == "electrum":
        answer = (answer if isinstance(answer, bytes) else answer.body) + b"\n"

    with NODES[kind](chain, lambda _: answer) as bad, pytest.raises(NoAnswer):
        once(Source(kind, bad.url))

    assert WalletReading.objects.count() == 1
    assert WalletWatch.objects.get(source=bad.name).failing_reason


BAD_SCANS = {
    "negative": {"amount": -1},
    "text": {"amount": "1"},
    "dust of dust": {"amount": 0.000000001},
    "all coins twice": {"amount": 42_000_000},
    "nobody's": {"scriptPubKey": "0014" + "00" * 20},
    "no coinbase": {"coinbase": None},
    "ahead of the tip": {"height": 999},
    "no txid": {"txid": "zz"},
}


@pytest.mark.parametrize("name", BAD_SCANS)
def test_an_output_that_cannot_be_keeps_the_whole_reading_out(name, chain, wallet):
    chain.pay(8)
    chain.pay(9, number=1)

    def answer(request):
        honest = chain_feed.core(request, chain)
        said = msgspec.json.decode(honest.body)
        for told in said:
            if isinstance(told["result"], dict) and "unspents" in told["result"]:
                told["result"]["unspents"][1] |= BAD_SCANS[name]
        return HttpResponse(200, msgspec.json.encode(said))

    with core(chain, answer) as source, pytest.raises(NoAnswer, match="garbled"):
        once(source)

    assert (WalletReading.objects.count(), WalletOutput.objects.count()) == (0, 0)


def test_one_source_that_fails_does_not_stop_the_others(chain, wallet):
    chain.pay(8)
    job = Job()
    with esplora(chain) as good:
        read.read_due([Source("core", "http://127.0.0.1:9"), good], leases.take("treasury.wallets", 600), job)

    assert (job.detail["read"], job.outcome) == (1, "failed")
    assert job.detail["why"].startswith("core at 127.0.0.1:9: refused")
    assert WalletOutput.objects.count() == 0
    assert standing.standings(NOON)[0].state == "warning"


def test_two_sources_that_tell_a_block_otherwise_are_a_break(chain, wallet):
    chain.pay(8)
    chain.mine(10)
    other = Chain()
    other.blocks = [block[:] for block in chain.blocks]
    other.headers = chain.headers
    other.blocks[-1] = []
    other.spend(chain.coins()[0].txid)
    with core(chain) as first, esplora(other) as second:
        once(first)
        once(second, is_first=False)
        assert standing.reconcile(NOON, [first.name, second.name]) == 2

    found = {row.kind: row.off_sat for row in ReconciliationBreak.objects.all()}
    assert found == {"wallet_ledger": 8, "wallet_sources": -8}
    assert standing.standings(NOON, [first.name])[0].state == "critical"


def test_a_worker_that_lost_its_lease_writes_nothing(chain, wallet):
    lease = leases.take("treasury.wallets", 600)
    leases.release(lease)
    with core(chain) as source, pytest.raises(leases.LeaseLost):
        read.read(source, "main", lease)

    assert WalletReading.objects.count() == 0


def test_sources_are_named_without_their_passwords(settings):
    settings.CHAIN_URLS = ["core=http://user:secret@10.0.0.6:8332/", "electrum=ssl://10.0.0.8:50002"]

    assert [source.name for source in configured()] == ["core at 10.0.0.6:8332", "electrum at 10.0.0.8:50002"]


@pytest.mark.parametrize("text", ["http://x", "core=ftp://x", "secret", "esplora=http://", "electrum=http://x:1"])
def test_a_source_that_cannot_be_is_refused(text):
    with pytest.raises(NoAnswer, match="CANGO_CHAIN_URLS"):
        source_of(text)


REFUSALS = {
    "warming up": (-28, "Verifying blocks\u2026"),
    "busy": (-8, 'Scan already in progress, use action "abort" or "status"'),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_node_that_refuses_is_repeated_in_its_words(name, chain, wallet):
    code, message = REFUSALS[name]
    method = "scantxoutset" if name == "busy" else "getblockchaininfo"

    def answer(request):
        if method.encode() not in request.body:
            return chain_feed.core(request, chain)
        return chain_feed.json_response([{"result": None, "error": {"code": code, "message": message}, "id": 0}])

    with core(chain, answer) as source, pytest.raises(NoAnswer, match=f"{method} refused: {message[:12]}.*code {code}"):
        once(source)

    assert WalletWatch.objects.get().failing_since == NOON


def test_a_node_that_lags_behind_its_headers_is_refused(chain, wallet):
    def answer(request):
        said = msgspec.json.decode(chain_feed.core(request, chain).body)
        said[0]["result"]["headers"] += 3
        return chain_feed.json_response(said)

    with core(chain, answer) as source, pytest.raises(NoAnswer, match="still loads the chain: 120 of 123 blocks"):
        once(source)


def test_a_wrong_password_is_denied(chain, wallet):
    with core(chain) as source, pytest.raises(NoAnswer, match="denied: HTTP 401"):
        once(Source("core", source.url.replace(chain_feed.PASSWORD, "wrong")))


def test_earlier_blocks_are_looked_up_in_one_question(chain, wallet, clock):
    with serving(Http, lambda request: chain_feed.core(request, chain)) as server:
        source = Source("core", f"http://{chain_feed.USER}:{chain_feed.PASSWORD}@127.0.0.1:{server.server_address[1]}")
        for _ in range(4):
            chain.mine()
            once(source)
            clock.shift(timedelta(minutes=11))
        server.asked.clear()
        once(source)

    assert len(server.asked) == 3


def test_what_an_electrum_server_refuses_is_told_with_its_call_though_it_closes(chain, wallet):
    def refusing(line):
        call = json.loads(line)
        if call["method"] != "blockchain.scripthash.get_history":
            return spoken(line, chain)
        return in_line({"id": call["id"], "error": {"code": 1, "message": "history too large"}})

    refused = r"blockchain.scripthash.get_history refused: history too large .code 1."
    with electrum(chain, refusing) as source, pytest.raises(NoAnswer, match=refused):
        once(source)


def test_more_calls_than_a_connection_takes_are_several_connections(chain, wallet):
    for sat in range(1, 121):
        chain.pay(sat)
    with serving(Lines, lambda line: spoken(line, chain)) as server:
        once(Source("electrum", f"tcp://127.0.0.1:{server.server_address[1]}"))

    assert sum(balance(wallet)) == 120 * 121 // 2
    asked = [json.loads(line)["method"] for line in server.asked]
    assert asked.count("blockchain.transaction.get") == 120
    connections = "".join("|" if name == "server.version" else "." for name in asked).split("|")
    assert max(len(calls) for calls in connections) == 100
