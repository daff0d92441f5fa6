"""Balances out of Bitcoin Core without a wallet in it: `scantxoutset` over the descriptors of all wallets at once.

One scan runs at a time and takes minutes on the main network; it tells the tip alone, and nothing of the mempool. A
pruned node tells the same. Source: Bitcoin Core's RPC documents, getblockchaininfo, getblockhash and scantxoutset;
coinbase is told since 24.0.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from cango_ops.wire import Conversation, Garbled
from treasury.chain.core_rpc import Node, sat
from treasury.chain.watching import Block, Coin, Place, Told, Wanted, block_of, coin_of, height_of, once, rows, table

# Addresses of each branch, at least: what was spent before it was watched leaves no trace of having been used.
REACH: Final = 1000
MOST_SCANS: Final = 4


def ask_balances(
    user: str, password: str, wanted: Sequence[Wanted], known: Collection[Block], path: str = "/"
) -> Conversation[Told]:
    """The unspent outputs of the wallets at the tip. known: blocks of earlier readings. Raises Garbled."""
    node = Node(user, password, path)
    tip = yield from node.tip(wanted[0].watch.network)
    gone = yield from node.gone(known, tip)
    reach = {one.wallet: REACH for one in wanted}
    for _ in range(MOST_SCANS):
        places, objects = scripts(wanted, reach)
        (said,) = yield from node.call(("scantxoutset", ["start", objects]))
        block, coins = parse_scan(said, places)
        short = [one for one in wanted if highest(coins, one.wallet) + one.gap >= reach[one.wallet] and is_ranged(one)]
        if not short:
            return Told(block, coins, gone)
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


def parse_scan(said: Any, places: dict[str, Place]) -> tuple[Block, list[Coin]]:
    said = table(said, "scantxoutset")
    if said.get("success") is not True:
        raise Garbled("the scan was not completed")
    tip = block_of(said.get("height"), said.get("bestblock"))
    return tip, once(coin(row, places, tip) for row in rows(said.get("unspents"), "unspents"))


def coin(row: dict[str, Any], places: dict[str, Place], tip: Block) -> Coin:
    place = places.get(str(row.get("scriptPubKey")))
    if place is None:
        raise Garbled("an output of nobody's address")
    if not isinstance(row.get("coinbase"), bool):
        raise Garbled("the node does not tell coinbases: Bitcoin Core 24.0 or later is needed")
    told = row.get("txid"), row.get("vout"), sat(row.get("amount")), height_of(row.get("height"), tip.height)
    return coin_of(place, *told, is_coinbase=row["coinbase"])
