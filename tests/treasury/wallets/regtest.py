"""A real Bitcoin Core in regtest, where the machine has one: on PATH, or where BITCOIND_EXE says."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import msgspec

from cango_ops.embedded.folder import free_port
from cango_ops.wire import Ask, Framing, NoAnswer, http_post
from compute.market import fetch
from treasury.chain.bitcoin_core import asked, results
from treasury.wallets.sources import Source

HEAD = {"Authorization": "Basic dTpw"}
STARTING_S = 120


def bitcoind():
    """Its path; None where there is none."""
    return os.environ.get("BITCOIND_EXE") or shutil.which("bitcoind")


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
