"""The form of a proposal: the fields of its kind, what was typed, and the terms as they are told to the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cango_ops.units import SATS_PER_BTC
from treasury.books import queries
from treasury.closing.close import Refused
from treasury.ledger.lots import Method
from treasury.models import Beneficiary, Loan, Proposal, TreasuryPolicy
from treasury.money import btc, half_up
from treasury.proposals import embargo
from treasury.proposals.policy import Policy
from treasury.proposals.targets import PURPOSES
from treasury.proposals.terms import CAPPED_ROLES, CAPS, NEEDED, fields_of, label
from treasury.web.proposals.words import title

K = Proposal.Kind
Choice = tuple[str, str]
HELP: Final = {
    "limit_usd": "Empty: at the market. It is booked at no lower price.",
    "sat": "BTC, up to eight decimals.",
    "since": "UTC; after everything that is costed.",
    "address": "Checked by checksum and network. Compare it letter by letter with what the other side says.",
    "least_free_sat": "BTC. Below it a proposal takes two others.",
    "most_ltv_pct": "Percent. Above it a proposal takes two others.",
    "cooling_off_h": "From the verification of an address until coins may go there.",
    "valid_h": "From the proposal until its last approval, and its execution.",
    "until": "UTC; by then the sale is to be proposed and approved.",
    "file_sha256": "What `ledger_import FILE --dry-run` prints, with the number of facts.",
    "lots": "Names with semicolons between; read where lots are chosen one by one.",
    "rate_pct": "6.5 is 6.5 % a year.",
    "proposal": "Empty: the next sale that you propose.",
    "reference": "The lender's own id of it. Told twice, it is written down once.",
    "draw.price_usd": "At the drawdown; needed where the contract is called by the price.",
}


STEPS: Final = {"sat": "0.00000001", "h": "1", "pct": "0.0001"}
SHAPES: Final = {"since": "instant", "until": "instant", "on": "date"}


@dataclass(frozen=True)
class Field:
    """One field. kind: number, text, choice, instant, date.   step: of a number."""

    name: str
    label: str
    kind: str
    value: str
    needed: bool
    help: str = ""
    choices: tuple[Choice, ...] = ()
    step: str = "0.01"


def form(kind: str, typed: Mapping[str, str], now: datetime, policy: Policy) -> list[Field]:
    """The fields of the kind with what was typed; of the policy with what holds, where nothing was."""
    known = {name: typed[name] for name in fields_of(kind) if name in typed}
    values = known or (of_policy(policy) if kind == K.POLICY else {})
    return [field(kind, name, values.get(name, ""), now) for name in fields_of(kind)]


def field(kind: str, name: str, value: str, now: datetime) -> Field:
    needed, said = name in NEEDED[kind], HELP.get(f"{kind}.{name}", HELP.get(name, ""))
    choices = choices_of(kind, name, now)
    if choices is not None:
        rest = () if needed else (("", "—"),)
        return Field(name, words(kind, name), "choice", value, needed, said, (*rest, *choices))
    if name.endswith(("sat", "_usd", "_pct", "_h")) or name == "usd":
        step = STEPS.get(name.rpartition("_")[2], "0.01")
        return Field(name, words(kind, name), "number", value, needed, said, step=step)
    return Field(name, words(kind, name), SHAPES.get(name, "text"), value, needed, said)


def words(kind: str, name: str) -> str:
    if name in CAPS:
        role, _, rest = name.partition("_")
        cap = {"each_usd": "each time", "day_usd": "in a day", "two_above_usd": "two others above"}[rest]
        return f"{role.capitalize()}, {cap}, $"
    unit = ", BTC" if name.endswith("sat") else ", $" if name.endswith("usd") else ", %" if name.endswith("pct") else ""
    into = {"wallet": "Into wallet" if kind == K.RELEASE else "Out of wallet"}
    return into.get(name, f"{label(name).removesuffix(', USD').capitalize()}{unit}")


def choices_of(kind: str, name: str, now: datetime) -> tuple[Choice, ...] | None:
    """None where anything may be typed."""
    if name == "wallet" and kind != K.RELEASE:
        coins = queries.coins(now).wallets_sat
        return tuple((wallet, f"{wallet}: {half_up(btc(sat), 8):,f} BTC") for wallet, sat in coins.items() if sat)
    if name == "loan":
        return tuple((loan.code, str(loan)) for loan in Loan.objects.all())
    if name == "beneficiary":
        live = Beneficiary.objects.filter(retired_at=None, effective_at__lte=now, purpose__in=PURPOSES[K(kind)])
        return tuple((row.name, f"{row.name}: {row.address}") for row in live)
    if name == "proposal":
        return tuple((str(row.pk), f"{row.pk}: {title(row)}") for row in embargo.open_disposals())
    fixed: dict[str, list[Choice]] = {
        "currency": [("USD", "USD"), ("USDT", "USDT")],
        "purpose": [(value, str(words)) for value, words in Beneficiary.Purpose.choices],
        "method": [(method.value, method.value) for method in Method],
        "stance": [(value, str(words)) for value, words in TreasuryPolicy.Stance.choices],
    }
    return tuple(fixed[name]) if name in fixed else None


def of_policy(policy: Policy) -> dict[str, str]:
    said: dict[str, Any] = {
        "stance": policy.stance, "words": policy.words, "least_free_sat": f"{half_up(btc(policy.least_free_sat), 8):f}",
        "most_ltv_pct": policy.most_ltv_pct, "cooling_off_h": policy.cooling_off_h, "valid_h": policy.valid_h,
    }  # fmt: skip
    for role in CAPPED_ROLES:
        cap = policy.caps[role]
        said |= {f"{role}_each_usd": cap.each_usd, f"{role}_day_usd": cap.day_usd}
        said |= {f"{role}_two_above_usd": cap.two_above_usd}
    return {name: "" if value is None else f"{value}" for name, value in said.items()}


def raw(kind: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The terms to be told: what was typed, bitcoin as satoshis. Raises Refused."""
    found: dict[str, Any] = {}
    for name in fields_of(kind):
        text = typed.get(name, "").strip()
        if text:
            found[name] = sat_of(name, text) if name.endswith("sat") else text
    return found


def sat_of(name: str, text: str) -> int:
    try:
        sat = Decimal(text.replace(",", "")) * SATS_PER_BTC
        whole = int(sat) if sat.is_finite() and abs(sat) < 10**18 else None
    except (InvalidOperation, ValueError):
        whole = None
    if whole is None or whole != sat:
        raise Refused(f"{label(name)} is no number of BTC with up to eight decimals")
    return whole
