"""Balances out of a server that speaks Esplora's REST interface, by output script, address after address.

Run your own: whoever runs the server learns which addresses are yours. Amounts are satoshis.
Source: Esplora's API.md: /blocks/tip/hash, /block/:hash, /block-height/:height, /scripthash/:hash, /tx/:txid.
"""

from collections.abc import Collection, Generator, Sequence
from typing import Any

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Conversation, Framing, Garbled
from treasury.chain.watching import (
    LIMIT_BYTES,
    MOST_NUMBER,
    Block,
    Coin,
    Place,
    Told,
    Wanted,
    block_hash,
    block_of,
    coin_of,
    height_of,
    is_young,
    once,
    rows,
    same_network,
    scripthash,
    table,
    tree,
    whole,
)


def ask_balances(wanted: Sequence[Wanted], known: Collection[Block], path: str = "") -> Conversation[Told]:
    """The unspent outputs of the wallets at the tip. known: blocks of earlier readings. Raises Garbled."""
    same_network((yield from hash_at(path, 0)), wanted)
    tip = yield from tip_of(path)
    gone = set()
    for block in sorted(known):
        if block.height > tip.height or (yield from hash_at(path, block.height)) != block.hash:
            gone.add(block)
    coins: list[Coin] = []
    for one in wanted:
        for branch in range(one.watch.branches):
            coins += yield from of_branch(path, one, branch, tip)
    if (yield from hash_at(path, tip.height)) != tip.hash:
        raise Garbled(f"block {tip.height} left the chain while it was read")
    return Told(tip, once(coins), frozenset(gone))


def get(what: str, page: str) -> Generator[Ask, bytes, bytes]:
    return (yield Ask(what, http_get(page), Framing.HTTP, limit_bytes=LIMIT_BYTES))


def hash_at(path: str, height: int) -> Generator[Ask, bytes, str]:
    return text_hash((yield from get("block-height", f"{path}/block-height/{height}")))


def text_hash(body: bytes) -> str:
    return block_hash(body.decode("ascii", "replace").strip())


def tip_of(path: str) -> Generator[Ask, bytes, Block]:
    tip = text_hash((yield from get("tip", f"{path}/blocks/tip/hash")))
    block = table(tree((yield from get("block", f"{path}/block/{tip}"))), "the block")
    return block_of(block.get("height"), tip)


def of_branch(path: str, one: Wanted, branch: int, tip: Block) -> Generator[Ask, bytes, list[Coin]]:
    """Address after address, until `gap` unused ones follow each other."""
    found: list[Coin] = []
    number, last = 0, one.used.get(branch, -1)
    while number == 0 or (one.watch.is_ranged and number <= last + one.gap):
        if number > MOST_NUMBER:
            raise Garbled("every address of the wallet is in use, it is said")
        page = f"{path}/scripthash/{scripthash(one.watch.scripts(1, branch, number)[0]).hex()}"
        if is_used((yield from get("scripthash", page))):
            last = max(last, number)
            listed = rows(tree((yield from get("utxo", f"{page}/utxo"))), "utxo")
            for row in listed:
                found.append((yield from coin(path, row, Place(one.wallet, branch, number), tip)))
        number += 1
    return found


def is_used(body: bytes) -> bool:
    said = table(tree(body), "the address")
    counts = [table(said.get(part), part).get("tx_count") for part in ("chain_stats", "mempool_stats")]
    return sum(whole(count, 10**9, "tx_count") for count in counts) > 0


def coin(path: str, row: dict[str, Any], place: Place, tip: Block) -> Generator[Ask, bytes, Coin]:
    status = table(row.get("status"), "status")
    height = height_of(status.get("block_height")) if status.get("confirmed") is True else None
    found = coin_of(place, row.get("txid"), row.get("vout"), row.get("value"), height)
    if not is_young(found, tip):
        return found
    return found._replace(is_coinbase=of_coinbase((yield from get("tx", f"{path}/tx/{found.txid}"))))


def of_coinbase(body: bytes) -> bool:
    inputs = rows(table(tree(body), "the transaction").get("vin"), "vin")
    if not inputs:
        raise Garbled("a transaction without inputs")
    return inputs[0].get("is_coinbase") is True
