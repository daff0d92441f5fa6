"""Balances out of an Electrum server: lines of JSON-RPC over TCP or TLS, many calls one after the other.

Each connection begins with server.version, and the calls follow without waiting. Not as a batch of JSON-RPC: batches
are optional there, Esplora's electrs closes at one. Nor is server.features asked, which it may not have: the first
header tells the network. Source: the Electrum protocol documents 1.4 to 1.6 (blockchain.headers.subscribe,
blockchain.block.header, blockchain.scripthash.get_history and .listunspent, blockchain.transaction.get), and what
ElectrumX, electrs, Esplora's electrs and Fulcrum make of them. A script's hash is written in reverse there.
"""

import hashlib
from collections.abc import Collection, Generator, Sequence
from typing import Any, Final

import msgspec

from cango_ops.wire import Ask, Conversation, Framing, Garbled
from treasury.chain.watching import (
    LIMIT_BYTES,
    MOST_NUMBER,
    Block,
    Coin,
    Place,
    Told,
    Wanted,
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
)

# Calls to a connection: servers bound what waits for an answer.
MOST_CALLS: Final = 100
HELLO: Final = ("server.version", ["cango-ops", ["1.4", "1.6"]])
Call = tuple[str, list[Any]]


def ask_balances(wanted: Sequence[Wanted], known: Collection[Block], path: str = "") -> Conversation[Told]:
    """The unspent outputs of the wallets at the tip. known: blocks of earlier readings. Raises Garbled."""
    first, subscribed = yield from asked([("blockchain.block.header", [0]), ("blockchain.headers.subscribe", [])])
    same_network(hash_of(first), wanted)
    said = table(subscribed, "the tip")
    tip = block_of(said.get("height"), hash_of(said.get("hex")))
    there = sorted(block for block in known if block.height <= tip.height)
    headers = yield from asked([("blockchain.block.header", [block.height]) for block in there])
    gone = {block for block, header in zip(there, headers, strict=True) if hash_of(header) != block.hash}
    coins: list[Coin] = []
    for one in wanted:
        for branch in range(one.watch.branches):
            coins += yield from of_branch(one, branch, tip)
    (again,) = yield from asked([("blockchain.block.header", [tip.height])])
    if hash_of(again) != tip.hash:
        raise Garbled(f"block {tip.height} left the chain while it was read")
    return Told(tip, once(coins), frozenset(gone | {block for block in known if block.height > tip.height}))


def asked(calls: Sequence[Call]) -> Generator[Ask, bytes, list[Any]]:
    """The results of the calls, in their order."""
    found: list[Any] = []
    for first in range(0, len(calls), MOST_CALLS):
        found += yield from connection(calls[first : first + MOST_CALLS])
    return found


def connection(calls: Sequence[Call]) -> Generator[Ask, bytes, list[Any]]:
    questions = [HELLO, *calls]
    lines = [
        msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + b"\n"
        for number, (method, params) in enumerate(questions)
    ]
    said = yield Ask(calls[0][0], b"".join(lines), Framing.LINES, limit_bytes=LIMIT_BYTES)
    by_id: dict[Any, Any] = {}
    for row in (table(tree(line), "an answer") for line in said.split(b"\n")):
        if row.get("error"):
            raise Garbled(f"{method_of(row.get('id'), questions)}refused: {words_of(row['error'])}")
        by_id[row.get("id")] = row.get("result")
    if set(by_id) != set(range(len(questions))):
        raise Garbled("not an answer to each question")
    return [by_id[number] for number in range(1, len(questions))]


def method_of(number: Any, questions: Sequence[Call]) -> str:
    """The call that an answer belongs to; nothing for one that belongs to none."""
    return f"{questions[number][0]} " if type(number) is int and 0 <= number < len(questions) else ""


def words_of(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)[:200]
    code = error.get("code")
    return f"{str(error.get('message'))[:200]} (code {code if isinstance(code, int) else '?'})"


def hash_of(header: Any) -> str:
    """The hash of a block by its header of 80 bytes in hex."""
    raw = hex_bytes(header)
    if len(raw) != 80:
        raise Garbled("a block header has 80 bytes")
    return hashlib.sha256(hashlib.sha256(raw).digest()).digest()[::-1].hex()


def hex_bytes(value: Any) -> bytes:
    try:
        return bytes.fromhex(value)
    except (ValueError, TypeError) as error:
        raise Garbled("no bytes in hex") from error


def of_branch(one: Wanted, branch: int, tip: Block) -> Generator[Ask, bytes, list[Coin]]:
    """`gap` addresses at a time, until none of them is used."""
    found: list[Coin] = []
    first, last = 0, one.used.get(branch, -1)
    while first == 0 or (one.watch.is_ranged and first <= last + one.gap):
        if first > MOST_NUMBER:
            raise Garbled("every address of the wallet is in use, it is said")
        scripts = one.watch.scripts(one.gap, branch, first)
        hashes = [scripthash(script)[::-1].hex() for script in scripts]
        histories = yield from asked([("blockchain.scripthash.get_history", [name]) for name in hashes])
        used = [number for number, history in enumerate(histories) if rows(history, "history")]
        last = max([last, *(first + number for number in used)])
        listed = yield from asked([("blockchain.scripthash.listunspent", [hashes[number]]) for number in used])
        for number, unspent in zip(used, listed, strict=True):
            found += yield from coins_of(rows(unspent, "listunspent"), Place(one.wallet, branch, first + number), tip)
        first += len(scripts)
    return found


def coins_of(unspent: Sequence[dict[str, Any]], place: Place, tip: Block) -> Generator[Ask, bytes, list[Coin]]:
    coins = [unspent_coin(row, place) for row in unspent]
    young = [coin.txid for coin in coins if is_young(coin, tip)]
    bodies = yield from asked([("blockchain.transaction.get", [txid]) for txid in young])
    coinbases = {txid for txid, body in zip(young, bodies, strict=True) if is_coinbase(hex_bytes(body))}
    return [coin._replace(is_coinbase=coin.txid in coinbases) for coin in coins]


def unspent_coin(row: dict[str, Any], place: Place) -> Coin:
    """Heights of 0 and -1 are in no block yet."""
    height = None if row.get("height") in (0, -1) else height_of(row.get("height"))
    return coin_of(place, row.get("tx_hash"), row.get("tx_pos"), row.get("value"), height)


def is_coinbase(raw: bytes) -> bool:
    """True where the only input of the transaction spends nothing. BIP 144: a witness is announced by 00 01."""
    start = 6 if raw[4:6] == b"\x00\x01" else 4
    return raw[start : start + 33] == b"\x01" + bytes(32)
