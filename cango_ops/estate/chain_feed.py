"""A node of the chain in two languages: Bitcoin Core's JSON-RPC, and Esplora's REST, of what a console may ask.

Source: Bitcoin Core RPC documents (getblockchaininfo, getblockhash, scantxoutset), Esplora's API.md. Both tell only
what they are asked for; nothing can be sent to them.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from embit.descriptor import Descriptor

from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response

GENESIS: Final = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f"
SATS_PER_BTC: Final = 100_000_000
USER: Final = "estate"
PASSWORD: Final = "estate-node"  # noqa: S105
AUTHORIZATION: Final = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
NOT_FOUND: Final = HttpResponse(404, b"Not found", "text/plain")


class ChainCoin(NamedTuple):
    """An unspent output. height None: in no block yet."""

    txid: str
    vout: int
    sat: int
    height: int | None
    script: bytes
    is_coinbase: bool = False


class Chain(Protocol):
    """What a node knows."""

    network: str

    def height(self) -> int: ...

    def hash_at(self, height: int) -> str: ...

    def coins(self) -> Sequence[ChainCoin]: ...


# Bitcoin Core


class RpcError(Exception):
    """What a call is refused with, by the codes of Core's rpc/protocol.h."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


MISC_ERROR: Final = -1
TYPE_ERROR: Final = -3
INVALID_PARAMETER: Final = -8
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
PARSE_ERROR: Final = -32700
# A lone call of JSON-RPC 1.x that fails is an HTTP error, by its code; one of 2.0 and a batch never are.
STATUS: Final = {INVALID_REQUEST: 400, METHOD_NOT_FOUND: 404}


def core(request: HttpRequest, chain: Chain) -> HttpResponse:
    """One call or a batch, as POST with Basic sign-in. Source: Core's httprpc.cpp and rpc/request.cpp."""
    if request.method != "POST":
        return HttpResponse(405, b"JSONRPC server handles only POST requests", "text/html")
    if request.headers.get("authorization") != AUTHORIZATION:
        return HttpResponse(401, b"", "text/html", {"WWW-Authenticate": 'Basic realm="jsonrpc"'})
    try:
        said = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return failed(RpcError(PARSE_ERROR, "Parse error"), {})
    if isinstance(said, list):
        return json_response([reply(one, chain) for one in said])
    if not isinstance(said, dict):
        return failed(RpcError(PARSE_ERROR, "Top-level object parse error"), {})
    answer = reply(said, chain)
    error = answer.get("error")
    return (
        failed(RpcError(error["code"], error["message"]), said) if error and not is_2(said) else json_response(answer)
    )


def failed(error: RpcError, call: dict[str, Any]) -> HttpResponse:
    return json_response(replied(call, None, error), STATUS.get(error.code, 500))


def is_2(call: dict[str, Any]) -> bool:
    return call.get("jsonrpc") == "2.0"


def reply(call: Any, chain: Chain) -> dict[str, Any]:
    if not isinstance(call, dict):
        return replied({}, None, RpcError(INVALID_REQUEST, "Invalid Request object"))
    method = call.get("method")
    try:
        if not isinstance(method, str):
            raise RpcError(INVALID_REQUEST, "Method must be a string" if "method" in call else "Missing method")
        return replied(call, answer(method, call.get("params") or [], chain), None)
    except RpcError as error:
        return replied(call, None, error)


def replied(call: dict[str, Any], result: Any, error: RpcError | None) -> dict[str, Any]:
    """2.0 tells a result or an error, 1.x both, one of them null."""
    refused = None if error is None else {"code": error.code, "message": str(error)}
    if is_2(call):
        told = {"error": refused} if refused else {"result": result}
        return {"jsonrpc": "2.0", **told, "id": call.get("id")}
    return {"result": result, "error": refused, "id": call.get("id")}


def answer(method: str, params: Sequence[Any], chain: Chain) -> Any:
    tip = chain.height()
    if method == "getblockchaininfo":
        return {
            "chain": chain.network, "blocks": tip, "headers": tip, "bestblockhash": chain.hash_at(tip),
            "verificationprogress": 1, "initialblockdownload": False, "pruned": False, "warnings": [],
        }  # fmt: skip
    if method == "getblockhash":
        if not params or type(params[0]) is not int:
            raise RpcError(TYPE_ERROR, "JSON value of type string is not of expected type number")
        if not 0 <= params[0] <= tip:
            raise RpcError(INVALID_PARAMETER, "Block height out of range")
        return chain.hash_at(params[0])
    if method == "scantxoutset":
        return scan_asked(params, chain)
    raise RpcError(METHOD_NOT_FOUND, "Method not found")


def scan_asked(params: Sequence[Any], chain: Chain) -> Any:
    action = params[0] if params else None
    if action in ("status", "abort"):
        return None if action == "status" else False
    if action != "start":
        raise RpcError(INVALID_PARAMETER, f"Invalid action '{action}'")
    if len(params) < 2:
        raise RpcError(MISC_ERROR, "scanobjects argument is required for the start action")
    return scan(params[1], chain)


def scan(objects: Iterable[Any], chain: Chain) -> dict[str, Any]:
    tip, wanted = chain.height(), dict(pair for one in objects for pair in scripts_of(one))
    found = [coin for coin in chain.coins() if coin.script in wanted and coin.height is not None]
    return {
        "success": True, "txouts": 180_000_000, "height": tip, "bestblock": chain.hash_at(tip),
        "unspents": [
            {
                "txid": coin.txid, "vout": coin.vout, "scriptPubKey": coin.script.hex(), "desc": wanted[coin.script],
                "amount": bitcoin_of(coin.sat), "coinbase": coin.is_coinbase, "height": coin.height,
                "blockhash": chain.hash_at(coin.height or 0), "confirmations": tip - (coin.height or 0) + 1,
            }
            for coin in found
        ],
        "total_amount": bitcoin_of(sum(coin.sat for coin in found)),
    }  # fmt: skip


def bitcoin_of(sat: int) -> msgspec.Raw:
    """A number with eight places, as Core writes amounts."""
    return msgspec.Raw(f"{sat // SATS_PER_BTC}.{sat % SATS_PER_BTC:08}".encode())


def scripts_of(one: Any) -> Iterable[tuple[bytes, str]]:
    """Each script of a scan object, and its descriptor."""
    text, last = (one["desc"], int(one.get("range", 1000))) if isinstance(one, dict) else (str(one), 0)
    return [(script, text) for script in scripts(text.partition("#")[0], last)]


@lru_cache(maxsize=64)
def scripts(text: str, last: int) -> list[bytes]:
    descriptor = Descriptor.from_string(text)
    if not descriptor.is_wildcard:
        return [descriptor.script_pubkey().data]
    return [descriptor.derive(number).script_pubkey().data for number in range(last + 1)]


# Esplora


def esplora(path: str, chain: Chain) -> HttpResponse:
    for pattern, render in ROUTES:
        if match := re.fullmatch(pattern, path):
            said = render(chain, *match.groups())
            if said is None:
                return NOT_FOUND
            return HttpResponse(200, said.encode(), "text/plain") if isinstance(said, str) else json_response(said)
    return NOT_FOUND


def block_height(chain: Chain, height: str) -> str | None:
    return chain.hash_at(int(height)) if int(height) <= chain.height() else None


def tip_hash(chain: Chain) -> str:
    return chain.hash_at(chain.height())


def block(chain: Chain, name: str) -> dict[str, Any] | None:
    tip = chain.height()
    number = next((height for height in range(tip, max(-1, tip - 12), -1) if chain.hash_at(height) == name), None)
    return None if number is None else {"id": name, "height": number}


def of_script(chain: Chain, name: str) -> list[ChainCoin]:
    return [coin for coin in chain.coins() if hashlib.sha256(coin.script).hexdigest() == name]


def script(chain: Chain, name: str) -> dict[str, Any]:
    settled = [coin for coin in of_script(chain, name) if coin.height is not None]
    waiting = [coin for coin in of_script(chain, name) if coin.height is None]
    return {"chain_stats": {"tx_count": len(settled)}, "mempool_stats": {"tx_count": len(waiting)}}


def utxo(chain: Chain, name: str) -> list[dict[str, Any]]:
    return [
        {
            "txid": coin.txid, "vout": coin.vout, "value": coin.sat,
            "status": {"confirmed": False} if coin.height is None
            else {"confirmed": True, "block_height": coin.height, "block_hash": chain.hash_at(coin.height)},
        }
        for coin in of_script(chain, name)
    ]  # fmt: skip


def transaction(chain: Chain, txid: str) -> dict[str, Any] | None:
    coin = next((coin for coin in chain.coins() if coin.txid == txid), None)
    return None if coin is None else {"txid": txid, "vin": [{"is_coinbase": coin.is_coinbase}]}


ROUTES: Final[tuple[tuple[str, Any], ...]] = (
    (r"/block-height/(\d{1,8})", block_height),
    (r"/blocks/tip/hash", tip_hash),
    (r"/block/([0-9a-f]{64})", block),
    (r"/scripthash/([0-9a-f]{64})", script),
    (r"/scripthash/([0-9a-f]{64})/utxo", utxo),
    (r"/tx/([0-9a-f]{64})", transaction),
)
