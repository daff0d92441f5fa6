"""The answer to a case file, by its kind; the kinds and their fields stand in docs/treasury.md#cases."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from cango_ops.wire import Garbled
from treasury.cases import ledger, loan, mining, read, recon, value
from treasury.cases.read import Fields

KINDS: Final[dict[str, Callable[[Fields], dict[str, Any]]]] = {
    "ledger": ledger.answer,
    "loan": loan.answer,
    "nav": value.answer,
    "btc_yield": value.bitcoin_yield,
    "cost": mining.cost,
    "expected": mining.expected,
    "uptime": mining.uptime,
    "report": mining.report,
    "recon": recon.answer,
    "stress": loan.stress,
    "fx": value.fx,
}


def answer(body: bytes) -> dict[str, Any]:
    """What `expected` of the case holds. Raises Garbled with one sentence."""
    case = read.case_of(body)
    kind = read.text(case, "kind")
    if kind not in KINDS:
        raise Garbled(f"kind is {kind[:40]!r}, not one of {', '.join(KINDS)}")
    try:
        return KINDS[kind](read.record(case, "input"))
    except Garbled:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        # A field of another shape than any reader looks for: the file is refused like every other bad one.
        raise Garbled(f"the input is not that of a case of kind {kind}: {error}") from error


def line(fields: dict[str, Any]) -> str:
    """One line of JSON; decimals as text without an exponent."""
    return msgspec.json.encode(plain(fields)).decode()


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime) else value
