"""Calls of Bitcoin Core's JSON-RPC, and what its answers have in common.

Every call is a batch: before 28.0 a lone call that fails is an HTTP error, a batch never is, so that the node's own
words and codes arrive. Source: Bitcoin Core's RPC documents and its httprpc.cpp.
"""

from base64 import b64encode
from collections.abc import Collection, Generator, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from cango_ops.http_frame import http_post
from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Ask, Framing, Garbled
from treasury.chain.watching import MAX_HEIGHT, MAX_SAT, Block, block_hash, block_of, rows, table, tree, whole

LIMIT_BYTES: Final = 64 << 20
LAG_BLOCKS: Final = 2
Call = tuple[str, list[Any]]


class Node:
    """Where calls go. wallet: of the node, whose calls these are; without one they are the node's own."""

    def __init__(self, user: str, password: str, path: str = "/") -> None:
        self.path = path
        self.head = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}

    def call(self, *calls: Call, wallet: str = "") -> Generator[Ask, bytes, list[Any]]:
        """The results, in the order of the calls. Raises Garbled."""
        page = f"{self.path}wallet/{wallet}" if wallet else self.path
        ask = Ask(
            calls[0][0], http_post(page, msgspec.json.encode(asked(calls)), self.head), Framing.HTTP,
            limit_bytes=LIMIT_BYTES,
        )  # fmt: skip
        return results((yield ask), calls)

    def tip(self, network: str) -> Generator[Ask, bytes, Block]:
        (info,) = yield from self.call(("getblockchaininfo", []))
        return parse_info(info, network)

    def gone(self, known: Collection[Block], tip: Block) -> Generator[Ask, bytes, frozenset[Block]]:
        """Those of the blocks that are in the chain no more."""
        there = sorted(block for block in known if block.height <= tip.height)
        hashes = (yield from self.call(*(("getblockhash", [block.height]) for block in there))) if there else []
        left = {block for block, told in zip(there, hashes, strict=True) if block_hash(told) != block.hash}
        return frozenset(left | {block for block in known if block.height > tip.height})


def asked(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [
        {"jsonrpc": "1.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(calls)
    ]


def results(body: bytes, calls: Sequence[Call]) -> list[Any]:
    """The result of each call of a batch. Raises Garbled, with the node's words and code where it refuses one."""
    said = {row.get("id"): row for row in rows(tree(body), "the answer")}
    if set(said) != set(range(len(calls))):
        raise Garbled("not an answer to each question")
    for number, (method, _) in enumerate(calls):
        error = said[number].get("error")
        if error is not None:
            raise Garbled(f"{method} refused: {words_of(error)}")
    return [said[number].get("result") for number in range(len(calls))]


def words_of(error: Any) -> str:
    told = table(error, "the error")
    code = told.get("code")
    return f"{str(told.get('message'))[:200]} (code {code if isinstance(code, int) else '?'})"


def parse_info(info: Any, network: str) -> Block:
    """The tip. Raises Garbled where the node is on another network, loads the chain, or lags behind."""
    info = table(info, "getblockchaininfo")
    if info.get("chain") not in (("main",) if network == "main" else ("test", "testnet4", "signet", "regtest")):
        raise Garbled(f"the node is on the network {str(info.get('chain'))[:20]!r}, and the wallet is not")
    height = whole(info.get("blocks"), MAX_HEIGHT, "blocks")
    headers = whole(info.get("headers"), MAX_HEIGHT, "headers")
    if headers - height > LAG_BLOCKS or (network == "main" and info.get("initialblockdownload") is not False):
        raise Garbled(f"the node still loads the chain: {height} of {headers} blocks")
    return block_of(height, info.get("bestblockhash"))


def sat(amount: Any) -> int:
    """Satoshis of an amount in bitcoin, which JSON holds as a number."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise Garbled("amount is no number")
    exact = Decimal(amount) * SATS_PER_BTC if abs(Decimal(amount)) < 10**9 else Decimal(-1)
    if not 0 <= exact <= MAX_SAT or exact != int(exact):
        raise Garbled("amount is no amount of bitcoin")
    return int(exact)
