"""A real Bitcoin Core in regtest, where the machine has one."""

import subprocess
from contextlib import contextmanager

import msgspec

from cango_ops.embedded.folder import free_port
from cango_ops.wire import Ask, Framing, NoAnswer, http_post
from compute.market import fetch
from treasury.chain.bitcoin_core import result
from treasury.wallets.sources import Source

HEAD = {"Authorization": "Basic dTpw"}


@contextmanager
def regtest(folder):
    """The source, and a function that calls the node."""
    port = free_port()
    flags = ["-regtest", "-server", "-listen=0", "-rpcuser=u", "-rpcpassword=p", f"-rpcport={port}"]
    node = subprocess.Popen(["bitcoind", *flags, f"-datadir={folder}"], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def call(method, *params):
        body = msgspec.json.encode({"id": 0, "method": method, "params": params})

        def ask(path):
            return result((yield Ask(method, http_post("/", body, HEAD), Framing.HTTP)))

        return fetch.talk(url, ask, deadline_s=60.0)

    try:
        for _ in range(100):
            try:
                call("getblockcount")
                break
            except NoAnswer:
                try:
                    node.wait(0.2)
                except subprocess.TimeoutExpired:
                    continue
        yield Source("core", f"http://u:p@127.0.0.1:{port}"), call
    finally:
        node.terminate()
        node.wait(60)
