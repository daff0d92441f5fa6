"""What the contract of a loan cannot be: a sentence for each field that is wrong. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from treasury.lending.terms import DayCount, Interest, Trigger

CURRENCIES: Final = ("USD", "USDT")
LTVS: Final = (
    ("initial_ltv", "the LTV at drawdown"),
    ("margin_ltv", "that of a call"),
    ("liquidation_ltv", "that of a liquidation"),
)
MOST_RATE: Final = 10
CODE: Final = re.compile(r"[-a-zA-Z0-9_]{1,32}")
# A page's own word, where the code of a loan would stand in the address.
NO_CODES: Final = ("new",)


def faults(said: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for each field that cannot be so; empty where all can."""
    found = {name: words for name, words in (
        ("code", fault_of_code(said["code"])),
        ("lender", fault_of_lender(said["lender"])),
        ("currency", fault_of_choice(said["currency"], CURRENCIES)),
        ("rate", "" if 0 <= said["rate"] < MOST_RATE else "A rate lies between 0 and 1,000 % a year."),
        ("day_count", fault_of_choice(said["day_count"], tuple(DayCount))),
        ("interest", fault_of_choice(said["interest"], tuple(Interest))),
        ("trigger", fault_of_choice(said["trigger"], tuple(Trigger))),
        ("call_price_ratio", fault_of_share(said["call_price_ratio"])),
    ) if words}  # fmt: skip
    return found | faults_of_ltvs(said)


def fault_of_code(code: str) -> str:
    if not CODE.fullmatch(code):
        return "1 to 32 letters without accents, digits, - and _, such as ANT-1."
    return f"{code} cannot be a code: it is a word of the console." if code.lower() in NO_CODES else ""


def fault_of_lender(lender: str) -> str:
    return "" if 0 < len(lender) <= 100 and lender.isprintable() else "A name of 1 to 100 letters."


def fault_of_choice(value: str, known: tuple[str, ...]) -> str:
    return "" if value in known else f"One of {', '.join(known)}."


def fault_of_share(share: Decimal | None) -> str:
    return "" if share is None or 0 < share <= 1 else "It is above 0 and at most 100 %."


def faults_of_ltvs(said: Mapping[str, Any]) -> dict[str, str]:
    """Each lies above the one before it; a call asks for coins up to the first."""
    found: dict[str, str] = {}
    below: tuple[str, Decimal] | None = None
    for name, words in LTVS:
        share = said[name]
        if share is None:
            continue
        wrong = fault_of_share(share)
        if not wrong and below is not None and share <= below[1]:
            wrong = f"It lies above {below[0]}."
        if wrong:
            found[name] = wrong
        below = words, share
    has_call = any(said[name] is not None for name in ("margin_ltv", "liquidation_ltv", "call_price_ratio"))
    if has_call and said["initial_ltv"] is None:
        found["initial_ltv"] = "A call asks for coins until this LTV is reached again: say it."
    return found
