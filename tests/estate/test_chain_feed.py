"""The estate's node refuses as Bitcoin Core does: its codes, and what of them is an HTTP error."""

import msgspec
import pytest

from cango_ops.estate import chain_feed
from cango_ops.estate.http_server import HttpRequest
from tests.treasury.wallets.nodes import WATCH, Chain

HEAD = {"authorization": chain_feed.AUTHORIZATION}


def ask(body, headers=HEAD, method="POST"):
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return chain_feed.core(HttpRequest(method, "/", {}, headers, raw), Chain("regtest"))


def call(method, *params, **more):
    return {"jsonrpc": "1.0", "id": 7, "method": method, "params": list(params)} | more


FAILURES = [
    (call("nothing"), 404, -32601, "Method not found"),
    (call("getblockhash", 999), 500, -8, "Block height out of range"),
    (call("getblockhash", "1"), 500, -3, "JSON value of type string is not of expected type number"),
    (call("scantxoutset", "begin", []), 500, -8, "Invalid action 'begin'"),
    (call("scantxoutset", "start"), 500, -1, "scanobjects argument is required for the start action"),
    ({"id": 1}, 400, -32600, "Missing method"),
    ({"id": 1, "method": 5}, 400, -32600, "Method must be a string"),
    (b"{", 500, -32700, "Parse error"),
    (b"5", 500, -32700, "Top-level object parse error"),
]


@pytest.mark.parametrize(("body", "status", "code", "words"), FAILURES, ids=[words for *_, words in FAILURES])
def test_a_lone_call_that_fails_is_an_http_error(body, status, code, words):
    answer = ask(body)

    assert answer.status == status
    assert msgspec.json.decode(answer.body)["error"] == {"code": code, "message": words}


def test_a_batch_is_never_an_http_error():
    answer = ask([call("nothing"), call("getblockhash", 0, id=8), 5])

    told = msgspec.json.decode(answer.body)
    assert (answer.status, [row["id"] for row in told]) == (200, [7, 8, None])
    assert [row["error"] and row["error"]["code"] for row in told] == [-32601, None, -32600]


def test_the_second_version_tells_an_error_or_a_result_with_status_200():
    refused, answered = ask(call("nothing", jsonrpc="2.0")), ask(call("getblockhash", 0, jsonrpc="2.0"))

    assert (refused.status, answered.status) == (200, 200)
    assert msgspec.json.decode(refused.body).keys() == {"jsonrpc", "error", "id"}
    assert msgspec.json.decode(answered.body).keys() == {"jsonrpc", "result", "id"}


def test_who_does_not_sign_in_and_who_does_not_post_is_turned_away():
    assert ask(call("getblockcount"), {}).status == 401
    assert ask(call("getblockcount"), method="GET").status == 405


def test_amounts_have_eight_places():
    chain = Chain("regtest")
    chain.pay(1)
    request = HttpRequest(
        "POST", "/", {}, HEAD, msgspec.json.encode(call("scantxoutset", "start", [WATCH.of_branch(0)]))
    )

    body = chain_feed.core(request, chain).body

    assert b'"amount":0.00000001,' in body
    assert b'"total_amount":0.00000001}' in body
