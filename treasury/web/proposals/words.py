"""Proposals in words: what one says, what it would change, ready to print."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from cango_ops.base.clock import worded
from cango_ops.base.figures import MINUS
from treasury.models import Proposal
from treasury.money import bitcoin, btc, half_up
from treasury.proposals.effect import Line
from treasury.proposals.terms import Terms, label, of_proposal

K = Proposal.Kind
S = Proposal.State
STATES: Final = {
    S.PROPOSED: "warning", S.APPROVED: "maintenance", S.BOOKED: "ok", S.REJECTED: "unknown", S.WITHDRAWN: "unknown",
    S.EXPIRED: "stale",
}  # fmt: skip
PLACES: Final = {"BTC": 8, "$": 2, "%": 2, "months": 1}
NOT_KNOWN: Final = "not known"


@dataclass(frozen=True)
class Row:
    """A figure before and after, in words. change: empty where there is none, or one of the two is not known."""

    name: str
    unit: str
    before: str
    after: str
    change: str
    why: str


def dollars(usd: Decimal) -> str:
    return f"${usd:,.2f}"


def sentence(terms: Terms) -> str:
    """What is proposed, in one line."""
    coins = f"{bitcoin(terms.sat)} BTC"
    loan, wallet, payee = terms.text("loan"), terms.text("wallet"), terms.text("beneficiary")
    limit = terms.get("limit_usd")
    floor = f", not below {dollars(limit)}" if limit is not None else ""
    said = {
        K.SALE: lambda: f"Sell {coins} out of {wallet}{floor}",
        K.SELL_TO_FUND: lambda: f"Sell {coins} out of {wallet}{floor}, to fund {dollars(terms.values['need_usd'])}",
        K.REPAY: lambda: f"Repay {dollars(terms.values['usd'])} of {loan}",
        K.REPAY_IN_COINS: lambda: f"Repay {loan} with {coins} of its collateral{floor}",
        K.PLEDGE: lambda: f"Pledge {coins} out of {wallet} for {loan}, to {payee}",
        K.TOP_UP: lambda: f"Top {loan} up with {coins} out of {wallet}, to {payee}",
        K.RELEASE: lambda: f"Take {coins} of {loan} back into {wallet}",
        K.TRANSFER: lambda: f"Move {coins} out of {wallet} to {payee}",
        K.ADDRESS: lambda: f"Add {terms.text('name')} to the address book",
        K.COST_METHOD: lambda: f"Cost by {terms.text('method')} from {worded(terms.values['since'])} on",
        K.LOT_SCOPE: lambda: f"Let lots belong to wallets from {worded(terms.values['since'])} on",
        K.POLICY: lambda: f"Set the policy: {terms.text('stance').replace('_', ' ')}",
        K.EXCEPTION: lambda: f"Let {which(terms)} be sold in spite of the embargo, up to {coins}",
        K.DRAW: lambda: (
            f"Write down that {dollars(terms.values['usd'])} of {loan} were drawn on {terms.values['on']:%-d %b %Y}"
        ),
        K.CALL: lambda: f"Write down that {loan} was called for {coins} on {terms.values['on']:%-d %b %Y}",
        K.RATE: lambda: (
            f"Write down {terms.values['rate_pct']:f} % a year for {loan} from {terms.values['on']:%-d %b %Y} on"
        ),
        K.LIQUIDATION: lambda: (
            f"Write down that {coins} of {loan} were liquidated on {terms.values['on']:%-d %b %Y}"
            f" at {dollars(terms.values['price_usd'])}"
        ),
        K.IMPORT: lambda: f"Import {terms.values['facts']} facts of the file {terms.text('file_sha256')[:12]}…",
    }
    return said[K(terms.kind)]()


def which(terms: Terms) -> str:
    return f"proposal {terms.text('proposal')}" if terms.get("proposal") else "bitcoin"


def title(proposal: Proposal) -> str:
    return sentence(of_proposal(proposal))


def details(terms: Terms) -> list[tuple[str, str]]:
    """Every field with its value, as it was told."""
    return [(label(name).capitalize(), shown(name, value)) for name, value in terms.values.items()]


def shown(name: str, value: Any) -> str:
    if name.endswith("sat"):
        return f"{bitcoin(value)} BTC"
    if name.endswith("_usd") or name == "usd":
        return dollars(value)
    if name.endswith("_pct"):
        return f"{value:f} %"
    if isinstance(value, datetime):
        return worded(value)
    return f"{value:%-d %b %Y}" if isinstance(value, date) else str(value).replace("_", " ")


def rows(effect: list[dict[str, Any]]) -> list[Row]:
    """Of an effect as it is kept."""
    return [row(one) for one in effect]


def rows_of(lines: tuple[Line, ...]) -> list[Row]:
    return rows([line.told for line in lines])


def row(one: dict[str, Any]) -> Row:
    before, after, unit = number(one["before"]), number(one["after"]), one["unit"]
    moved = None if before is None or after is None else after - before
    return Row(
        one["name"], unit, figure(before, unit), figure(after, unit),
        figure(moved, unit, signed=True) if moved else "", one["why"] if before is None or after is None else "",
    )  # fmt: skip


def number(value: Any) -> Decimal | int | None:
    return Decimal(value) if isinstance(value, str) else value


def figure(value: Decimal | int | None, unit: str, signed: bool = False) -> str:
    if value is None:
        return NOT_KNOWN
    rounded = half_up(btc(int(value)), 8) if unit == "BTC" else half_up(value, PLACES[unit])
    text = f"{rounded:+,f}" if signed else f"{rounded:,f}"
    return text.replace("-", MINUS)


def evidence(said: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What was booked and its proof; a file by its name and hash."""
    names = (
        ("at", "Done"), ("note", "Evidence"), ("sat", "Satoshis"), ("price_usd", "Price, $"), ("fee_usd", "Fee, $"),
        ("network_fee_sat", "Network fee, sat"), ("file_name", "File"), ("file_sha256", "SHA-256"),
    )  # fmt: skip
    told = dict(said or {})
    if "at" in told:
        told["at"] = worded(datetime.fromisoformat(told["at"]))
    return [(name, str(told[key])) for key, name in names if told.get(key) not in (None, "", 0, "0.00")]


def fours(address: str) -> tuple[str, ...]:
    """An address in groups, to be compared by eye."""
    return tuple(address[at : at + 4] for at in range(0, len(address), 4))
