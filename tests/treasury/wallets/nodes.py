"""Nodes of a small chain that a test builds block by block, over real sockets: Core, Esplora, and Electrum."""

import hashlib
import json
import socketserver
import threading
from contextlib import contextmanager

from cango_ops.estate import chain_feed
from cango_ops.estate.chain_feed import PASSWORD, USER, ChainCoin
from cango_ops.estate.http_server import HttpRequest
from treasury.chain.descriptors import parse
from treasury.wallets.sources import Source

# The test vectors of BIP 84.
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
WATCH = parse(ZPUB)
# Version, no block before it, the root of its one transaction, time, target and nonce.
GENESIS_HEADER = bytes.fromhex(
    "01000000" + "00" * 32 + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c"
)


class Chain:
    """Blocks that a test makes and unmakes. Their headers are invented, their hashes follow."""

    def __init__(self, network="main"):
        self.network, self.headers, self.waiting = network, [b"genesis"], []
        self.blocks = [[]]
        self.mine(120)

    def height(self):
        return len(self.blocks) - 1

    def header(self, height):
        if height == 0 and self.network == "main":
            return GENESIS_HEADER
        return hashlib.sha512(self.headers[height]).digest() + bytes(16)

    def hash_at(self, height):
        return hashlib.sha256(hashlib.sha256(self.header(height)).digest()).digest()[::-1].hex()

    def coins(self):
        return [coin for block in self.blocks for coin in block] + self.waiting

    def mine(self, blocks=1, word="a"):
        for _ in range(blocks):
            self.headers.append(f"{len(self.headers)}{word}".encode())
            self.blocks.append([])

    def pay(self, sat, number=0, branch=0, *, is_coinbase=False, watch=WATCH):
        """Into the tip."""
        return self._put(self.blocks[-1], self.height(), sat, number, branch, is_coinbase, watch)

    def wait(self, sat, number=0, branch=0):
        """Into the mempool."""
        return self._put(self.waiting, None, sat, number, branch, False, WATCH)

    def _put(self, where, height, sat, number, branch, is_coinbase, watch):
        script = watch.scripts(1, branch, number)[0]
        txid = hashlib.sha256(f"{height} {len(self.coins())} {number} {sat}".encode()).hexdigest()
        where.append(ChainCoin(txid, 0, sat, height, script, is_coinbase))
        return txid

    def spend(self, txid):
        self.blocks = [[coin for coin in block if coin.txid != txid] for block in self.blocks]

    def reorganise(self, depth):
        """The last blocks leave the chain with all that was in them; as many others and one more take their place."""
        del self.blocks[-depth:], self.headers[-depth:]
        self.mine(depth + 1, word="b")


class Http(socketserver.StreamRequestHandler):
    def handle(self):
        method, path, _ = self.rfile.readline().decode().split()
        headers = {}
        for line in iter(self.rfile.readline, b"\r\n"):
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.asked.append(path)
        answer = self.server.answer(HttpRequest(method, path, {}, headers, body))
        self.wfile.write(answer if isinstance(answer, bytes) else answer.encoded(False))


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.server.asked.append(line)
            answer = self.server.answer(line)
            if answer is None:
                return
            self.wfile.write(answer)


@contextmanager
def serving(handler, answer):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.answer, server.asked = answer, []
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@contextmanager
def core(chain, answer=None):
    with serving(Http, answer or (lambda request: chain_feed.core(request, chain))) as server:
        yield Source("core", f"http://{USER}:{PASSWORD}@127.0.0.1:{server.server_address[1]}")


@contextmanager
def esplora(chain, answer=None):
    with serving(Http, answer or (lambda request: chain_feed.esplora(request.path, chain))) as server:
        yield Source("esplora", f"http://127.0.0.1:{server.server_address[1]}")


@contextmanager
def electrum(chain, answer=None):
    with serving(Lines, answer or (lambda line: spoken(line, chain))) as server:
        yield Source("electrum", f"tcp://127.0.0.1:{server.server_address[1]}")


NODES = {"core": core, "esplora": esplora, "electrum": electrum}


def spoken(line, chain):
    """The answer to a line. Like Esplora's electrs it closes at a batch, and does not know server.features."""
    call = json.loads(line)
    if not isinstance(call, dict):
        return None
    try:
        return in_line({"id": call["id"], "result": said(call["method"], call["params"], chain)})
    except KeyError:
        return in_line({"id": call["id"], "error": f"unknown method {call['method']}"})


def in_line(answer):
    return json.dumps({"jsonrpc": "2.0"} | answer).encode() + b"\n"


def said(method, params, chain):
    tip = chain.height()
    if method == "server.version":
        assert params[1] == ["1.4", "1.6"]
        return ["A server 1.0", "1.4"]
    if method == "blockchain.headers.subscribe":
        return {"height": tip, "hex": chain.header(tip).hex()}
    if method == "blockchain.block.header":
        return chain.header(params[0]).hex()
    if method == "blockchain.transaction.get":
        coin = next(coin for coin in chain.coins() if coin.txid == params[0])
        prevout = bytes(32) if coin.is_coinbase else b"\x07" * 32
        return (b"\x02\x00\x00\x00" + b"\x00\x01" + b"\x01" + prevout + b"\xff" * 4).hex()
    if not method.startswith("blockchain.scripthash."):
        raise KeyError(method)
    name = bytes.fromhex(params[0])[::-1].hex()
    coins = chain_feed.of_script(chain, name)
    if method == "blockchain.scripthash.get_history":
        return [{"tx_hash": coin.txid, "height": coin.height or 0} for coin in coins]
    assert method == "blockchain.scripthash.listunspent"
    return [
        {"tx_hash": coin.txid, "tx_pos": coin.vout, "value": coin.sat, "height": coin.height or 0} for coin in coins
    ]
