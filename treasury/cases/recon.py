"""Cases of kind "recon": outputs on the chain and payouts of a pool against the ledger."""

from collections import defaultdict
from typing import Any

from cango_ops.wire import Garbled
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.chain.outputs import Output, split
from treasury.pools.reconcile import Posted, payout_breaks


def answer(case: Fields) -> dict[str, Any]:
    ledger = read.rows(case, "ledger")
    payouts: dict[str, int] = defaultdict(int)
    for row in read.rows(case, "pool_payouts"):
        payouts[str(read.given(row, "ref"))] += read.sat(row)
    postings = [Posted(str(row["ref"]), read.whole(row, "sat")) for row in ledger if row.get("ref") is not None]
    breaks = payout_breaks(payouts, postings)
    return {
        "wallets": wallets(case, ledger),
        "payouts_missing_in_ledger": breaks.missing,
        "ledger_without_payout": breaks.without_payout,
        "duplicate_postings": breaks.duplicates,
        "amount_mismatches": [mismatch.ref for mismatch in breaks.mismatches],
    }


def wallets(case: Fields, ledger: list[Fields]) -> dict[str, Any]:
    """Each wallet of which there is a statement."""
    booked: dict[str, int] = defaultdict(int)
    for row in ledger:
        booked[read.text(row, "wallet")] += read.whole(row, "sat")
    least = read.whole(case, "min_confirmations", 1)
    statements = read.record(case, "wallets")
    return {name: wallet(statements[name], booked.get(name, 0), least) for name in statements}


def wallet(statement: Any, ledger_sat: int, least: int) -> dict[str, Any]:
    if not isinstance(statement, dict):
        raise Garbled("a wallet is no object")
    outputs = [output_of(row) for row in read.rows(statement, "utxos")]
    chain_sat = split(outputs, read.whole(statement, "tip"), least).confirmed_sat
    return {
        "chain_confirmed_sat": chain_sat,
        "ledger_sat": ledger_sat,
        "difference_sat": chain_sat - ledger_sat,
        "status": "matched" if chain_sat == ledger_sat else "break",
    }


def output_of(row: Fields) -> Output:
    height = None if row.get("height") is None else read.whole(row, "height")
    is_coinbase = bool(read.first(row, "coinbase", "is_coinbase"))
    return Output(read.sat(row), height, is_coinbase)
