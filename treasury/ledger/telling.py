"""Facts as JSON and back, so that a fact can be kept as it was told; and its digest."""

import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from cango_ops.wire import Garbled
from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold
from treasury.money import cents

KINDS: Final = {Acquired: "acquired", Sold: "sale", Moved: "move"}
LONGEST_NAME: Final = 150
# Ids that begin so are made by the books themselves.
RESERVED: Final = ("costing/", "reversal/")


def kind_of(fact: Fact) -> str:
    """The word for the fact: opening, mined, bought, sale, transfer, pledge or release."""
    if isinstance(fact, Acquired):
        return fact.origin.value
    if isinstance(fact, Moved):
        kinds = (fact.origin.kind, fact.target.kind)
        return {("wallet", "loan"): "pledge", ("loan", "wallet"): "release"}.get(kinds, "transfer")
    return KINDS[type(fact)]


def told(fact: Fact) -> dict[str, Any]:
    """The fact as plain JSON, without its instant, number and id."""
    if isinstance(fact, Acquired):
        fields: dict[str, Any] = {
            "origin": fact.origin.value, "wallet": fact.wallet, "lot": fact.lot, "sat": fact.sat,
            "cost_usd": str(cents(fact.cost_usd)), "price_usd": _text(fact.price_usd),
        }  # fmt: skip
    elif isinstance(fact, Sold):
        fields = {
            "wallet": fact.wallet, "sat": fact.sat, "price_usd": _text(fact.price_usd),
            "fee_usd": str(cents(fact.fee_usd)), "currency": fact.currency, "lots": [list(lot) for lot in fact.lots],
        }  # fmt: skip
    else:
        assert isinstance(fact, Moved)
        fields = {
            "origin": list(fact.origin), "target": list(fact.target), "sat": fact.sat,
            "network_fee_sat": fact.network_fee_sat, "price_usd": _text(fact.price_usd),
        }  # fmt: skip
    return {"fact": KINDS[type(fact)]} | fields


def cells(fact: Fact) -> dict[str, str]:
    """The fact as the row of a file of facts: text under the names of its columns, without what is not told."""
    row: dict[str, Any] = {"source": fact.source, "type": kind_of(fact), "at": fact.at.astimezone(UTC).isoformat()}
    row |= {"seq": fact.seq} if fact.seq else {}
    if isinstance(fact, Acquired):
        row |= {"wallet": fact.wallet, "lot": fact.lot, "sat": fact.sat, "cost_usd": cents(fact.cost_usd)}
        row |= {"price_usd": _text(fact.price_usd)}
    elif isinstance(fact, Sold):
        row |= {"wallet": fact.wallet, "sat": fact.sat, "price_usd": _text(fact.price_usd)}
        row |= {"fee_usd": cents(fact.fee_usd), "currency": fact.currency, "lots": _named(fact.lots)}
    else:
        assert isinstance(fact, Moved)
        row |= _places(fact) | {"sat": fact.sat, "price_usd": _text(fact.price_usd)}
        row |= {"network_fee_sat": fact.network_fee_sat} if fact.network_fee_sat else {}
    return {name: str(value) for name, value in row.items() if value is not None}


def _places(fact: Moved) -> dict[str, str]:
    kind = kind_of(fact)
    if kind == "pledge":
        return {"wallet": fact.origin.name, "loan": fact.target.name}
    if kind == "release":
        return {"loan": fact.origin.name, "wallet": fact.target.name}
    if "loan" in (fact.origin.kind, fact.target.kind):
        raise Garbled(f"{fact.source}: coins that go from one loan to another are in no file of facts")
    return {"from": fact.origin.name, "to": fact.target.name}


def _named(lots: tuple[tuple[str, int | None], ...]) -> str | None:
    """Names with semicolons between; as JSON where a name holds one, or amounts are told."""
    if all(sat is None and ";" not in name and name[:1] != "[" for name, sat in lots):
        return ";".join(name for name, _ in lots) or None
    return json.dumps([{"lot": name} | ({} if sat is None else {"sat": sat}) for name, sat in lots])


def fact_of(at: datetime, seq: int, source: str, fields: dict[str, Any]) -> Fact:
    """The fact that `told` made these fields of."""
    kind = fields["fact"]
    if kind == "acquired":
        return Acquired(
            at, seq, source, Origin(fields["origin"]), fields["wallet"], fields["lot"], fields["sat"],
            Decimal(fields["cost_usd"]), _decimal(fields["price_usd"]),
        )  # fmt: skip
    if kind == "sale":
        return Sold(
            at, seq, source, fields["wallet"], fields["sat"], Decimal(fields["price_usd"]),
            Decimal(fields["fee_usd"]), fields["currency"], tuple((lot, sat) for lot, sat in fields["lots"]),
        )  # fmt: skip
    return Moved(
        at, seq, source, Place(*fields["origin"]), Place(*fields["target"]), fields["sat"],
        fields["network_fee_sat"], _decimal(fields["price_usd"]),
    )  # fmt: skip


def digest(fact: Fact) -> str:
    words = {"at": fact.at.astimezone(UTC).isoformat(), "seq": fact.seq, "source": fact.source} | told(fact)
    return hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def check(fact: Fact) -> None:
    """Raises Garbled where the fact cannot be booked as it stands."""
    names = [fact.source]
    if isinstance(fact, Acquired):
        names += [fact.wallet, fact.lot]
        amounts, cents = [fact.sat], [fact.cost_usd]
    elif isinstance(fact, Sold):
        names += [fact.wallet, fact.currency]
        amounts, cents = [fact.sat], [fact.fee_usd]
    else:
        assert isinstance(fact, Moved)
        names += [fact.origin.name, fact.target.name]
        amounts, cents = [fact.sat + fact.network_fee_sat], []
        if fact.network_fee_sat < 0 or fact.sat < 0 or (fact.network_fee_sat and fact.price_usd is None):
            raise Garbled(f"{fact.source}: a network fee needs a price and both amounts are above zero")
    if not all(0 < len(name) <= LONGEST_NAME and name.isprintable() for name in names):
        raise Garbled(f"{fact.source[:LONGEST_NAME]!r}: a name is empty, too long, or holds what cannot be printed")
    if fact.source.startswith(RESERVED):
        raise Garbled(f"{fact.source}: ids that begin with costing/ or reversal/ are the books' own")
    if not all(0 < amount < 2**62 for amount in amounts):
        raise Garbled(f"{fact.source}: an amount is not above zero, or beyond all bitcoin")
    if not all(amount >= 0 and amount == round(amount, 2) and amount < 10**17 for amount in cents):
        raise Garbled(f"{fact.source}: dollars are whole cents, not below zero")
    if fact.at.tzinfo is None:
        raise Garbled(f"{fact.source}: the instant has no offset")


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
