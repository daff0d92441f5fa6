"""A real Bitcoin Core in regtest, where the machine has one: on PATH, or where BITCOIND_EXE says."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cango_ops.base import leases
from cango_ops.embedded.folder import free_port
from cango_ops.http_frame import http_post
from cango_ops.wire import Ask, Framing, NoAnswer
from compute.market import fetch
from treasury.chain.core_rpc import asked, results
from treasury.chain.descriptors import parse
from treasury.models import Wallet, WalletReading
from treasury.wallets import read
from treasury.wallets.sources import Source

HEAD = {"Authorization": "Basic dTpw"}
STARTING_S = 120
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
# BIP 49's account of a test network; other scripts of the same key.
KEY = "tpubDD7tXK8KeQ3YY83yWq755fHY2JW8Ha8Q765tknUM5rSvjPcGWfUppDFMpQ1ScziKfW3ZNtZvAD7M3u7bSs7HofjTD3KP3YxPK7X6hwV8Rk2"
DESCRIPTORS = {
    "wpkh": f"wpkh({KEY}/<0;1>/*)",
    "nested": f"sh(wpkh({KEY}/<0;1>/*))",
    "taproot": f"tr({KEY}/<0;1>/*)",
    "legacy": f"pkh({KEY}/<0;1>/*)",
    "two of two": f"wsh(sortedmulti(2,{KEY}/0/<0;1>/*,{KEY}/1/<0;1>/*))",
}


def bitcoind():
    """Its path; None where there is none."""
    return os.environ.get("BITCOIND_EXE") or shutil.which("bitcoind")


# What every test of these needs; the node is asked for where it is wanted.
MARKS = [
    pytest.mark.django_db,
    pytest.mark.skipif(bitcoind() is None, reason="no bitcoind on PATH nor in BITCOIND_EXE"),
    pytest.mark.usefixtures("clock"),
]


@contextmanager
def regtest(folder, *more):
    """The source, and a function that calls the node."""
    port = free_port()
    flags = [
        "-regtest",
        "-server",
        "-listen=0",
        "-rpcuser=u",
        "-rpcpassword=p",
        f"-rpcport={port}",
        "-fallbackfee=0.0001",
    ]
    node = subprocess.Popen(
        [bitcoind(), *flags, f"-rpcport={port}", *more, f"-datadir={folder}"], stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"

    def call(method, *params, wallet=""):
        calls = [(method, list(params))]
        path = f"/wallet/{wallet}" if wallet else "/"

        def ask(_):
            return results(
                (yield Ask(method, http_post(path, msgspec.json.encode(asked(calls)), HEAD), Framing.HTTP)), calls
            )

        return fetch.talk(url, ask, deadline_s=60.0)[0]

    try:
        answers(node, call)
        yield Source("core", f"http://u:p@127.0.0.1:{port}"), call
    finally:
        node.terminate()
        node.wait(60)


def answers(node, call):
    """Waits until the node does. Raises what it says where it ends instead."""
    for _ in range(5 * STARTING_S):
        try:
            call("getblockcount")
        except NoAnswer:
            try:
                node.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
            raise
        else:
            return
    raise TimeoutError("bitcoind does not answer")


def watched(name="wpkh", path=0, **more):
    """A wallet of addresses that no other test uses. path: what stands before the branch."""
    text = DESCRIPTORS[name].replace(KEY, f"{KEY}/{path}") if path else DESCRIPTORS[name]
    told = {"kind": "watched", "network": "test", "added_by": "t", "min_confirmations": 6} | more
    return Wallet.objects.create(name=f"{name} {path}", descriptor=parse(text).text, **told)


def address(call, wallet, number=0, branch=0):
    """As the node writes it: bech32 has a head of its own in regtest."""
    described = call("getdescriptorinfo", parse(wallet.descriptor).of_branch(branch))["descriptor"]
    return call("deriveaddresses", described, [number, number])[0]


def pay(call, wallet, btc, number=0, branch=0):
    txid = call("sendtoaddress", address(call, wallet, number, branch), btc, wallet="miner")
    settled(call)
    return txid


def settled(call):
    """Until the node's wallets have heard of its mempool: they are told of it a moment later."""
    call("syncwithvalidationinterfacequeue")


def mine(call, blocks=1):
    """In calls of a hundred blocks: each has a deadline, and the machine may be busy."""
    goal = call("getnewaddress", wallet="miner")
    for done in range(0, blocks, 100):
        call("generatetoaddress", min(100, blocks - done), goal)


def again(source, clock):
    """Read once more, when it is time."""
    clock.shift(timedelta(minutes=11))
    return once(source)


def once(source, network="test"):
    lease = leases.take("treasury.wallets", 600) or leases.Lease.objects.get(name="treasury.wallets")
    return read.read(source, network, lease)


def balance(wallet):
    row = WalletReading.objects.filter(wallet=wallet).order_by("-observed_at", "-pk")[0]
    return row.confirmed_sat, row.immature_sat, row.pending_sat
