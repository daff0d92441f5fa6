"""Balances out of Bitcoin Core without a wallet in it: `scantxoutset` over the descriptors of all wallets at once.

One scan runs at a time and takes minutes on the main network; it tells the tip alone, and nothing of the mempool. A
pruned node tells the same. Every call is a batch: before 28.0 a lone call that fails is an HTTP error, a batch never
is, so that the node's own words and codes arrive. Source: Bitcoin Core's RPC documents and its httprpc.cpp,
getblockchaininfo, getblockhash and scantxoutset; coinbase is told since 24.0.
"""

from base64 import b64encode
from collections.abc import Collection, Generator, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Ask, Conversation, Framing, Garbled, http_post
from treasury.chain.watching import (
    MAX_HEIGHT,
    MAX_SAT,
    MOST_OUTPUTS,
    Block,
    Coin,
    Place,
    Told,
    Wanted,
    block_hash,
    once,
    rows,
    table,
    tree,
    whole,
)

LIMIT_BYTES: Final = 64 << 20
LAG_BLOCKS: Final = 2
# Addresses of each branch, at least: what was spent before it was watched leaves no trace of having been used.
REACH: Final = 1000
MOST_SCANS: Final = 4
Call = tuple[str, list[Any]]


def ask_balances(
    user: str, password: str, wanted: Sequence[Wanted], known: Collection[Block], path: str = "/"
) -> Conversation[Told]:
    """The unspent outputs of the wallets at the tip. known: blocks of earlier readings. Raises Garbled."""
    head = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}

    def call(*calls: Call) -> Generator[Ask, bytes, list[Any]]:
        body = msgspec.json.encode(asked(calls))
        return results(
            (yield Ask(calls[0][0], http_post(path, body, head), Framing.HTTP, limit_bytes=LIMIT_BYTES)), calls
        )

    (info,) = yield from call(("getblockchaininfo", []))
    tip = parse_info(info, wanted[0].watch.network)
    there = sorted(block for block in known if block.height <= tip.height)
    hashes = (yield from call(*(("getblockhash", [block.height]) for block in there))) if there else []
    gone = {block for block in known if block.height > tip.height}
    gone |= {block for block, told in zip(there, hashes, strict=True) if block_hash(told) != block.hash}
    reach = {one.wallet: REACH for one in wanted}
    for _ in range(MOST_SCANS):
        places, objects = scripts(wanted, reach)
        (said,) = yield from call(("scantxoutset", ["start", objects]))
        block, coins = parse_scan(said, places)
        short = [one for one in wanted if highest(coins, one.wallet) + one.gap >= reach[one.wallet] and is_ranged(one)]
        if not short:
            return Told(block, coins, frozenset(gone))
        reach |= {one.wallet: 2 * reach[one.wallet] for one in short}
    raise Garbled("a wallet has more addresses in use than are searched")


def is_ranged(one: Wanted) -> bool:
    return one.watch.is_ranged


def highest(coins: Sequence[Coin], wallet: int) -> int:
    return max((coin.place.number for coin in coins if coin.place.wallet == wallet), default=-1)


def scripts(wanted: Sequence[Wanted], reach: dict[int, int]) -> tuple[dict[str, Place], list[Any]]:
    """Whose each output script is, in hex, and the objects that a scan is asked for."""
    places: dict[str, Place] = {}
    objects: list[Any] = []
    for one in wanted:
        for branch in range(one.watch.branches):
            text, count = one.watch.of_branch(branch), reach[one.wallet]
            objects.append({"desc": text, "range": count - 1} if one.watch.is_ranged else text)
            for number, script in enumerate(one.watch.scripts(count, branch)):
                places.setdefault(script.hex(), Place(one.wallet, branch, number))
    return places, objects


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
    return Block(height, block_hash(info.get("bestblockhash"), "bestblockhash"))


def parse_scan(said: Any, places: dict[str, Place]) -> tuple[Block, list[Coin]]:
    said = table(said, "scantxoutset")
    if said.get("success") is not True:
        raise Garbled("the scan was not completed")
    tip = Block(whole(said.get("height"), MAX_HEIGHT, "height"), block_hash(said.get("bestblock"), "bestblock"))
    return tip, once(coin(row, places, tip) for row in rows(said.get("unspents"), "unspents"))


def coin(row: dict[str, Any], places: dict[str, Place], tip: Block) -> Coin:
    place = places.get(str(row.get("scriptPubKey")))
    if place is None:
        raise Garbled("an output of nobody's address")
    if not isinstance(row.get("coinbase"), bool):
        raise Garbled("the node does not tell coinbases: Bitcoin Core 24.0 or later is needed")
    txid, vout = block_hash(row.get("txid"), "txid"), whole(row.get("vout"), MOST_OUTPUTS, "vout")
    return Coin(
        place, txid, vout, sat(row.get("amount")), whole(row.get("height"), tip.height, "height"), row["coinbase"]
    )


def sat(amount: Any) -> int:
    """Satoshis of an amount in bitcoin, which JSON holds as a number."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise Garbled("amount is no number")
    exact = Decimal(amount) * SATS_PER_BTC if abs(Decimal(amount)) < 10**9 else Decimal(-1)
    if not 0 <= exact <= MAX_SAT or exact != int(exact):
        raise Garbled("amount is no amount of bitcoin")
    return int(exact)
