"""Balances out of watch-only wallets in Bitcoin Core: one for each descriptor, made and filled by the console.

The node keeps up with the chain by itself, knows the mempool, and answers at once; filling a wallet reads the whole
chain once (hours on the main network; a pruned node refuses it). The wallet is made without private keys, and one that
could hold any is refused. Source: Bitcoin Core's RPC documents, createwallet, importdescriptors, listdescriptors,
getwalletinfo, getbalances and listunspent; `lastprocessedblock` is told since 26.0.
"""

import hashlib
from collections.abc import Collection, Generator, Sequence
from typing import Any, Final

from embit.descriptor.checksum import checksum

from cango_ops.wire import Ask, Conversation, Garbled
from treasury.chain.core_rpc import Node, sat
from treasury.chain.descriptors import MOST_ADDRESSES, parse
from treasury.chain.watching import (
    MAX_HEIGHT,
    Block,
    Coin,
    Place,
    Told,
    Wanted,
    block_of,
    coin_of,
    once,
    rows,
    table,
    whole,
)

# Addresses that are imported of each branch; the node adds as many beyond the last one in use.
REACH: Final = 1000
MOST_TRIES: Final = 3
# Confirmations from none on, whoever sent it: what counts is decided here.
EVERY: Final = [0, 9_999_999, [], True]


def ask_balances(
    user: str, password: str, wanted: Sequence[Wanted], known: Collection[Block], path: str = "/"
) -> Conversation[Told]:
    """The unspent outputs of the wallets at the tip. known: blocks of earlier readings. Raises Garbled."""
    node = Node(user, password, path)
    tip = yield from node.tip(wanted[0].watch.network)
    for one in wanted:
        yield from make_ready(node, one)
    for _ in range(MOST_TRIES):
        coins: list[Coin] = []
        tips = set()
        for one in wanted:
            block, found = yield from standing(node, one)
            coins += found
            tips.add(block)
        if len(tips) == 1:
            (tip,) = tips
            return Told(tip, once(coins), (yield from node.gone(known, tip)))
    raise Garbled("new blocks came while the wallets were read")


def name_of(one: Wanted) -> str:
    """Of the wallet in the node: it tells nothing of the descriptor."""
    return f"cango-{hashlib.sha256(one.watch.text.encode()).hexdigest()[:16]}"


def make_ready(node: Node, one: Wanted) -> Generator[Ask, bytes, None]:
    """Loads or makes the wallet, and fills it once."""
    name = name_of(one)
    loaded, there = yield from node.call(("listwallets", []), ("listwalletdir", []))
    kept = {row.get("name") for row in rows(table(there, "listwalletdir").get("wallets"), "wallets")}
    if name not in (loaded if isinstance(loaded, list) else []):
        # Without private keys, blank, no passphrase, of descriptors, loaded again when the node starts.
        made = ("createwallet", [name, True, True, "", False, True, True])
        yield from node.call(("loadwallet", [name, True]) if name in kept else made)
    (info,) = yield from node.call(("getwalletinfo", []), wallet=name)
    refuse_unfit(table(info, "getwalletinfo"), name)
    (listed,) = yield from node.call(("listdescriptors", []), wallet=name)
    missing = branches_missing(rows(table(listed, "listdescriptors").get("descriptors"), "descriptors"), one)
    if missing:
        asked = [imported(one, branch) for branch in missing]
        (said,) = yield from node.call(("importdescriptors", [asked]), wallet=name)
        for row in rows(said, "importdescriptors"):
            if row.get("success") is not True:
                raise Garbled(f"importdescriptors refused: {words_of(row)}")


def refuse_unfit(info: dict[str, Any], name: str) -> None:
    if info.get("private_keys_enabled") is not False or info.get("descriptors") is not True:
        raise Garbled(f"the node's wallet {name} is not watch-only by descriptors")
    scanning = info.get("scanning")
    if isinstance(scanning, dict):
        done = float(scanning.get("progress") or 0)
        raise Garbled(f"the node still reads the chain for the wallet {name}: {done:.0%}")


def branches_missing(listed: Sequence[dict[str, Any]], one: Wanted) -> list[int]:
    """The branches that the node's wallet does not hold. Raises Garbled where it holds anything else."""
    held = {tuple(parse(str(row.get("desc"))).scripts(2)) for row in listed}
    wanted = {tuple(one.watch.scripts(2, branch)): branch for branch in range(one.watch.branches)}
    if not held <= set(wanted):
        raise Garbled(f"the node's wallet {name_of(one)} holds a descriptor of another wallet")
    return sorted(branch for scripts, branch in wanted.items() if scripts not in held)


def imported(one: Wanted, branch: int) -> dict[str, Any]:
    text = one.watch.of_branch(branch)
    told: dict[str, Any] = {"desc": f"{text}#{checksum(text)}", "timestamp": 0, "active": False}
    return told | ({"range": [0, REACH - 1]} if one.watch.is_ranged else {})


def words_of(row: dict[str, Any]) -> str:
    error = row.get("error")
    told = error if isinstance(error, dict) else {}
    return f"{str(told.get('message'))[:200]} (code {told.get('code')})"


def standing(node: Node, one: Wanted) -> Generator[Ask, bytes, tuple[Block, list[Coin]]]:
    """The block at which the wallet stands, and its coins. Coinbases are told apart while they are young alone, and
    a wallet without keys has no other trusted coins than the rest."""
    name = name_of(one)
    every, ripe_ones = ("listunspent", [*EVERY, {"include_immature_coinbase": True}]), ("listunspent", EVERY)
    for _ in range(MOST_TRIES):
        before, unspent, ripe, after = yield from node.call(
            ("getbalances", []), every, ripe_ones, ("getbalances", []), wallet=name
        )
        block = stands_at(before)
        if block == stands_at(after):
            coins = coins_of(rows(unspent, "listunspent"), outpoints(rows(ripe, "listunspent")), one, block)
            refuse_other_sum(before, coins)
            return block, coins
    raise Garbled("new blocks came while the wallets were read")


def stands_at(balances: Any) -> Block:
    told = table(balances, "getbalances").get("lastprocessedblock")
    if told is None:
        raise Garbled("the node does not tell at which block its wallet stands: Bitcoin Core 26.0 or later is needed")
    said = table(told, "lastprocessedblock")
    return block_of(said.get("height"), said.get("hash"))


def outpoints(unspent: Sequence[dict[str, Any]]) -> set[tuple[Any, Any]]:
    return {(row.get("txid"), row.get("vout")) for row in unspent}


def coins_of(unspent: Sequence[dict[str, Any]], ripe: set[tuple[Any, Any]], one: Wanted, block: Block) -> list[Coin]:
    scripts = {str(row.get("scriptPubKey")) for row in unspent}
    places = places_of(one, scripts)
    return [coin(row, places, (row.get("txid"), row.get("vout")) not in ripe, block) for row in unspent]


def places_of(one: Wanted, scripts: set[str]) -> dict[str, Place]:
    """Whose each of these scripts is. Raises Garbled where the wallet has no such address."""
    places: dict[str, Place] = {}
    first = 0
    while not scripts <= places.keys():
        if first >= (MOST_ADDRESSES if one.watch.is_ranged else 1):
            raise Garbled("an output of nobody's address")
        for branch in range(one.watch.branches):
            for number, script in enumerate(one.watch.scripts(REACH, branch, first), first):
                places.setdefault(script.hex(), Place(one.wallet, branch, number))
        first += REACH
    return places


def coin(row: dict[str, Any], places: dict[str, Place], is_young_coinbase: bool, block: Block) -> Coin:
    depth = whole(row.get("confirmations"), MAX_HEIGHT, "confirmations")
    if depth > block.height + 1:
        raise Garbled("an output older than the chain")
    height, place = block.height - depth + 1 if depth else None, places[str(row.get("scriptPubKey"))]
    told = row.get("txid"), row.get("vout"), sat(row.get("amount")), height
    return coin_of(place, *told, is_coinbase=is_young_coinbase)


def refuse_other_sum(balances: Any, coins: Sequence[Coin]) -> None:
    """What the node says the wallet holds is what its outputs add up to."""
    mine = table(table(balances, "getbalances").get("mine"), "mine")
    told = sum(sat(mine.get(part)) for part in ("trusted", "untrusted_pending", "immature"))
    if told != sum(coin.sat for coin in coins):
        raise Garbled("the node's balance is not what its outputs add up to")
