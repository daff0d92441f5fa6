"""Bitcoin Core's JSON-RPC: difficulty and rewards of an own node, in two questions over HTTP with Basic sign-in.

A node that still loads the chain (initialblockdownload) or lags behind its headers is refused: what it says is old.
Amounts of getblockstats are satoshis. Both questions are batches: a lone call that fails is an HTTP error without the
node's words. Source: Bitcoin Core RPC documents, getblockchaininfo and getblockstats; the batch form of JSON-RPC.
"""

from base64 import b64encode
from collections.abc import Generator
from typing import Any

import msgspec

from cango_ops.http_frame import http_post
from cango_ops.wire import Ask, Framing, Garbled
from compute.feeds.mempool_space import DIFFICULTY, REWARD_BLOCKS, REWARD_SAT

LAG_BLOCKS = 2


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """What the node says. reward_sat: subsidy and fees of a block, mean of the last REWARD_BLOCKS, rounded down."""

    height: int
    difficulty: float
    reward_sat: int


def ask_chain(user: str, password: str, path: str = "/") -> Generator[Ask, bytes, Chain]:
    """The conversation that reads the chain. Raises Garbled on any answer that cannot be true."""
    head = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
    body = msgspec.json.encode([{"jsonrpc": "1.0", "id": 0, "method": "getblockchaininfo", "params": []}])
    info = yield Ask("getblockchaininfo", http_post(path, body, head), Framing.HTTP)
    height, difficulty = parse_info(info)
    calls = [
        {"jsonrpc": "1.0", "id": at, "method": "getblockstats", "params": [at, ["subsidy", "totalfee"]]}
        for at in range(max(0, height - REWARD_BLOCKS + 1), height + 1)
    ]
    stats = yield Ask("getblockstats", http_post(path, msgspec.json.encode(calls), head), Framing.HTTP)
    return Chain(height=height, difficulty=difficulty, reward_sat=parse_reward_sat(stats, len(calls)))


def parse_info(body: bytes) -> tuple[int, float]:
    """Height and difficulty."""
    answer = _decoded(body)
    info = _result(answer[0] if isinstance(answer, list) and len(answer) == 1 else answer)
    height, headers, difficulty = info.get("blocks"), info.get("headers"), info.get("difficulty")
    if info.get("initialblockdownload") is not False:
        raise Garbled("the node still loads the chain")
    if type(height) is not int or type(headers) is not int or not 0 <= height <= headers < 10_000_000:
        raise Garbled("the node names no height")
    if headers - height > LAG_BLOCKS:
        raise Garbled(f"the node is {headers - height} blocks behind")
    if isinstance(difficulty, bool) or not isinstance(difficulty, int | float):
        raise Garbled("the node names no difficulty")
    if not DIFFICULTY[0] <= difficulty <= DIFFICULTY[1]:
        raise Garbled(f"a difficulty of {difficulty:g}")
    return height, float(difficulty)


def parse_reward_sat(body: bytes, blocks: int) -> int:
    """The mean of subsidy and fees over so many answers, each of which must be there."""
    answers = _decoded(body)
    if not isinstance(answers, list) or len(answers) != blocks or not blocks:
        raise Garbled("not an answer for each block")
    total = 0
    for answer in answers:
        found = _result(answer)
        amounts = [found.get("subsidy"), found.get("totalfee")]
        if not all(type(amount) is int and amount >= 0 for amount in amounts):
            raise Garbled("a block without subsidy and fees")
        total += sum(amount for amount in amounts if amount is not None)
    reward = total // blocks
    if not REWARD_SAT[0] <= reward <= REWARD_SAT[1]:
        raise Garbled(f"a reward of {reward} sat a block")
    return reward


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(f"no JSON: {error}") from error


def _result(answer: Any) -> dict[str, Any]:
    """The result of one call. Raises Garbled, with the node's words where it refuses."""
    if not isinstance(answer, dict):
        raise Garbled("not an answer of JSON-RPC")
    error = answer.get("error")
    if error is not None:
        words = f"{error.get('message')} (code {error.get('code')})" if isinstance(error, dict) else str(error)
        raise Garbled(f"refused: {words[:200]}")
    if not isinstance(answer.get("result"), dict):
        raise Garbled("no result")
    return dict(answer["result"])
