"""What a proposal says, field by field: read from a form or from JSON, typed, and told again in one canonical way.

Pure. What is stored is what was told, so a proposal is read back by the same readers and hashed over the same words.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cango_ops.wire import Garbled
from treasury.chain import addresses
from treasury.ledger.lots import Method
from treasury.models import Beneficiary, Proposal, TreasuryPolicy

K = Proposal.Kind
MOST_SAT: Final = 21_000_000 * 100_000_000
MOST_USD: Final = Decimal(10) ** 13
CAPPED_ROLES: Final = ("treasurer", "admin")
CAPS: Final = tuple(f"{role}_{cap}_usd" for role in CAPPED_ROLES for cap in ("each", "day", "two_above"))


def sat(value: Any) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise Garbled("is no whole number of satoshis") from None
    if not 0 < number <= MOST_SAT:
        raise Garbled("is no amount of bitcoin there can be")
    return number


def sat_or_none(value: Any) -> int:
    return 0 if str(value) == "0" else sat(value)


def decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Garbled("is no number") from None
    if not number.is_finite() or not 0 <= number < MOST_USD:
        raise Garbled("is below nothing, or beyond all money")
    return number


def usd(value: Any) -> Decimal:
    number = decimal(value)
    if number != round(number, 2):
        raise Garbled("has more than two decimals")
    return number.quantize(Decimal("0.01"))


def price(value: Any) -> Decimal:
    number = usd(value)
    if not number:
        raise Garbled("is nothing")
    return number


def pct(value: Any) -> Decimal:
    number = decimal(value)
    if not 0 < number <= 1000 or number != round(number, 4):
        raise Garbled("is no percentage such as 65")
    return number.normalize()


def hours(value: Any) -> int:
    text = str(value)
    if not text.isdecimal() or len(text) > 4 or int(text) > 24 * 31:
        raise Garbled("is no number of hours up to 744")
    return int(text)


def word(value: Any) -> str:
    text = " ".join(str(value).split())
    if not 0 < len(text) <= 100 or not text.isprintable():
        raise Garbled("is empty, or longer than 100 letters")
    return text


def sentence(value: Any) -> str:
    text = " ".join(str(value).split())
    if len(text) > 500 or not text.isprintable():
        raise Garbled("is longer than 500 letters")
    return text


def one_of(*known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise Garbled(f"is not one of {', '.join(known)}")
        return str(value)

    return read


def address(value: Any) -> str:
    try:
        return addresses.parse(str(value)).text
    except Garbled as why:
        raise Garbled(f"cannot be used: {why}") from why


def instant(value: Any) -> datetime:
    """In UTC; without an offset it is UTC."""
    try:
        parsed = datetime.fromisoformat(str(value))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Garbled("is no instant such as 2026-01-31T12:00") from None


def day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Garbled("is no date such as 2026-01-31") from None


def rate_pct(value: Any) -> Decimal:
    """A year, in percent, to the ten-thousandth: 6.5 is 0.065."""
    number = decimal(value)
    if number >= 1000 or number != round(number, 4):
        raise Garbled("is no rate in percent such as 6.5")
    return number.normalize()


def sha256(value: Any) -> str:
    text = str(value).strip().lower()
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise Garbled("is no SHA-256: 64 digits of base 16")
    return text


def lot_names(value: Any) -> str:
    """Names with semicolons between, each once, in the order in which they are taken."""
    names = [name.strip() for name in str(value).split(";")]
    if not all(0 < len(name) <= 150 and name.isprintable() for name in names) or len(set(names)) < len(names):
        raise Garbled("are names of lots with semicolons between, each once")
    return "; ".join(names)


def reference(value: Any) -> str:
    """Somebody else's id of something."""
    text = str(value).strip()
    if not 0 < len(text) <= 80 or not text.isprintable():
        raise Garbled("is longer than 80 letters, or cannot be printed")
    return text


def number(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 18 and int(text)):
        raise Garbled("is no whole number above nothing")
    return int(text)


READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "sat": sat, "usd": price, "limit_usd": price, "need_usd": price, "currency": one_of("USD", "USDT"),
    "wallet": word, "loan": word, "beneficiary": word, "name": word, "address": address,
    "purpose": one_of(*Beneficiary.Purpose.values), "method": one_of(*(method.value for method in Method)),
    "since": instant, "until": instant, "proposal": number,
    "stance": one_of(*TreasuryPolicy.Stance.values), "words": sentence,
    "on": day, "rate_pct": rate_pct, "price_usd": price, "file_sha256": sha256, "facts": number,
    "lots": lot_names, "reference": reference,
    "least_free_sat": sat_or_none, "most_ltv_pct": pct, "cooling_off_h": hours, "valid_h": hours,
} | dict.fromkeys(CAPS, usd)  # fmt: skip
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    K.SALE: ("wallet", "sat"),
    K.SELL_TO_FUND: ("wallet", "sat", "need_usd"),
    K.REPAY: ("loan", "usd"),
    K.REPAY_IN_COINS: ("loan", "sat"),
    K.PLEDGE: ("loan", "wallet", "sat", "beneficiary"),
    K.TOP_UP: ("loan", "wallet", "sat", "beneficiary"),
    K.RELEASE: ("loan", "wallet", "sat"),
    K.TRANSFER: ("wallet", "sat", "beneficiary"),
    K.ADDRESS: ("name", "address", "purpose"),
    K.COST_METHOD: ("method", "since"),
    K.LOT_SCOPE: ("since",),
    K.POLICY: ("stance", "least_free_sat", "cooling_off_h", "valid_h", *CAPS),
    K.EXCEPTION: ("sat", "until"),
    K.DRAW: ("loan", "usd", "on"),
    K.CALL: ("loan", "sat", "on"),
    K.RATE: ("loan", "rate_pct", "on"),
    K.LIQUIDATION: ("loan", "sat", "price_usd", "on"),
    K.IMPORT: ("file_sha256", "facts"),
}
ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    K.SALE: ("limit_usd", "currency", "lots"),
    K.SELL_TO_FUND: ("limit_usd", "currency", "lots"),
    K.REPAY_IN_COINS: ("limit_usd",),
    K.POLICY: ("words", "most_ltv_pct"),
    K.EXCEPTION: ("proposal",),
    K.DRAW: ("price_usd", "reference"),
    K.CALL: ("reference",),
    K.RATE: ("reference",),
    K.LIQUIDATION: ("reference",),
}


@dataclass(frozen=True)
class Terms:
    """values: typed, by field; what was not said is not there."""

    kind: str
    values: dict[str, Any]

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def text(self, name: str) -> str:
        return str(self.values.get(name, ""))

    @property
    def sat(self) -> int:
        return int(self.values.get("sat", 0))

    @property
    def lots(self) -> tuple[tuple[str, int | None], ...]:
        """The lots that a sale names, as the books take them."""
        return tuple((name.strip(), None) for name in self.text("lots").split(";") if name)

    @property
    def told(self) -> dict[str, Any]:
        """Plain JSON, from which the same terms are read again."""
        return {name: _plain(value) for name, value in sorted(self.values.items())}

    @property
    def digest(self) -> str:
        words = {"kind": self.kind, "terms": self.told}
        return hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def fields_of(kind: str) -> tuple[str, ...]:
    return NEEDED[kind] + ALLOWED.get(kind, ())


def read(kind: str, raw: Mapping[str, Any]) -> Terms:
    """The terms of what was told. Raises Garbled, naming the field; a field that the kind has not is refused."""
    if kind not in NEEDED:
        raise Garbled(f"nothing of the kind {kind[:20]!r} can be proposed")
    strange = sorted(set(raw) - set(fields_of(kind)))
    if strange:
        raise Garbled(f"{strange[0]} is no part of this")
    values = {}
    for name in fields_of(kind):
        value = raw.get(name)
        if value is None or str(value).strip() == "":
            if name in NEEDED[kind]:
                raise Garbled(f"{label(name)} is missing")
            continue
        try:
            values[name] = READERS[name](value)
        except Garbled as why:
            raise Garbled(f"{label(name)} {why}") from why
    return Terms(kind, values)


def label(name: str) -> str:
    return LABELS.get(name, name.replace("_usd", ", USD").replace("_", " "))


LABELS: Final = {
    "sat": "bitcoin", "usd": "dollars", "limit_usd": "lowest price", "need_usd": "dollars needed",
    "most_ltv_pct": "highest LTV", "least_free_sat": "least free bitcoin", "cooling_off_h": "cooling-off, hours",
    "valid_h": "time to approve, hours", "proposal": "number of the sale", "until": "to be approved until",
    "on": "day", "rate_pct": "rate a year", "price_usd": "price of a bitcoin", "file_sha256": "SHA-256 of the file",
    "facts": "number of facts", "reference": "lender's reference",
}  # fmt: skip


def of_proposal(proposal: Proposal) -> Terms:
    return read(proposal.kind, proposal.terms)
