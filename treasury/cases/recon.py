"""Cases of kind "recon": outputs on the chain and payouts of a pool against the ledger."""

from collections import defaultdict
from typing import Any

from treasury.cases import read
from treasury.cases.read import Fields
from treasury.chain.outputs import Output, split
from treasury.pools.reconcile import Posted, payout_breaks


def answer(case: Fields) -> dict[str, Any]:
    payouts: dict[str, int] = defaultdict(int)
    for ref, sat in read.each(case, "pool_payouts", lambda row: (str(read.given(row, "ref")), read.sat(row))):
        payouts[ref] += sat
    booked = read.each(case, "ledger", lambda row: (row.get("ref"), read.whole(row, "sat")))
    postings = [Posted(str(ref), sat) for ref, sat in booked if ref is not None]
    breaks = payout_breaks(payouts, postings)
    return {
        "wallets": wallets(case),
        "payouts_missing_in_ledger": breaks.missing,
        "ledger_without_payout": breaks.without_payout,
        "duplicate_postings": breaks.duplicates,
        "amount_mismatches": [mismatch.ref for mismatch in breaks.mismatches],
    }


def wallets(case: Fields) -> dict[str, Any]:
    """Each wallet of which there is a statement."""
    booked: dict[str, int] = defaultdict(int)
    for name, sat in read.each(case, "ledger", lambda row: (read.text(row, "wallet"), read.whole(row, "sat"))):
        booked[name] += sat
    least = read.whole(case, "min_confirmations", 1)

    def confirmed_sat(statement: Fields) -> int:
        return split(read.each(statement, "utxos", output_of), read.whole(statement, "tip"), least).confirmed_sat

    statements = read.records(case, "wallets")
    chain = {name: read.placed(f"wallet {name}", confirmed_sat, one) for name, one in statements.items()}
    return {name: wallet(sat, booked.get(name, 0)) for name, sat in chain.items()}


def wallet(chain_sat: int, ledger_sat: int) -> dict[str, Any]:
    return {
        "chain_confirmed_sat": chain_sat,
        "ledger_sat": ledger_sat,
        "difference_sat": chain_sat - ledger_sat,
        "status": "matched" if chain_sat == ledger_sat else "break",
    }


def output_of(row: Fields) -> Output:
    """An output at a height of 0 or less, as Electrum servers say it, is in no block yet."""
    height = read.whole(row, "height", 0)
    is_coinbase = bool(read.first(row, "coinbase", "is_coinbase"))
    return Output(read.sat(row), height if height > 0 else None, is_coinbase)
