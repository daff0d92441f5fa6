"""Cases of kind "ledger": events to balances, lots, gains and the fair-value roll-forward."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from cango_ops.wire import Garbled
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.ledger.facts import Acquired, Fact, Moved, Origin, Place, Sold
from treasury.ledger.lots import Method, Methods
from treasury.ledger.rollforward import Rollforward
from treasury.ledger.walk import ZERO, Disposal, Scope, Standing, walk
from treasury.money import cents, usd_of


def answer(case: Fields) -> dict[str, Any]:
    settings = {} if case.get("settings") is None else read.record(case, "settings")
    labels: dict[str, Any] = {}
    events = read.unique(read.rows(case, "events"))
    refuse_two_of_one_id(events)
    facts = [fact_of(event, number, labels) for number, event in enumerate(events)]
    close = None if case.get("close") is None else read.record(case, "close")
    if close and close.get("at"):
        end = read.instant(close, "at")
        facts = [fact for fact in facts if fact.at <= end]
    standing = walk(facts, methods_of(settings), read.word(settings, "lot_scope", Scope, Scope.ENTITY))
    found = balances(standing) | totals(standing) | disposals(standing, labels)
    return found | ({"rollforward": rollforward(standing, close)} if close else {})


def refuse_two_of_one_id(events: list[Fields]) -> None:
    """An id that says two things is refused, as in the books; what is equal in every field has been left out before."""
    ids = Counter(str(event["id"]) for event in events if event.get("id") is not None)
    for name, times in ids.items():
        if times > 1:
            raise Garbled(f"{name} was told twice with different content")


def methods_of(settings: Fields) -> Methods:
    """One method for all time, or a list of {"from", "method"}."""
    value = settings.get("cost_method", Method.FIFO.value)
    if not isinstance(value, list):
        return Methods.always(read.word({"cost_method": value}, "cost_method", Method))
    changes = sorted((read.instant(row, "from"), read.word(row, "method", Method)) for row in value)
    if not changes:
        raise Garbled("cost_method names no method")
    return Methods(tuple(changes))


def fact_of(event: Fields, number: int, labels: dict[str, Any]) -> Fact:
    """The fact of one event; its name in the answer goes into `labels`."""
    label = read.first(event, "id", "lot", "seq")
    label = number if label is None else label
    kind = read.placed(f"event {label}", lambda row: read.text(row, "type"), event)
    try:
        make = KINDS[kind]
    except KeyError:
        raise Garbled(f"event {label}: type is {kind[:40]!r}, not one of {', '.join(KINDS)}") from None
    source = f"{number:09d}"
    labels[source] = label
    try:
        return make(event, read.instant(event, "at"), read.whole(event, "seq", 0), source)
    except Garbled as why:
        raise Garbled(f"{kind} {labels[source]}: {why}") from why


def acquired(event: Fields, at: datetime, seq: int, source: str) -> Fact:
    sat = read.sat(event)
    price, cost = read.maybe(event, "price_usd"), read.maybe(event, "cost_usd")
    if cost is None:
        if price is None:
            raise Garbled("neither price_usd nor cost_usd is given")
        cost = usd_of(sat, price)
    cost = cents(cost)
    if cost and not sat:
        raise Garbled("no coins came, but they cost something")
    lot = str(read.first(event, "lot", "id") or source)
    return Acquired(at, seq, source, Origin(event["type"]), read.text(event, "wallet"), lot, sat, cost, price)


def sold(event: Fields, at: datetime, seq: int, source: str) -> Fact:
    return Sold(
        at, seq, source, read.text(event, "wallet"), read.sat(event), read.number(event, "price_usd"),
        cents(read.number(event, "fee_usd", ZERO)),
        str(read.first(event, *CURRENCIES) or "USD"),
        named_lots(read.first(event, *LOTS)),
    )  # fmt: skip


# The words under which a sale says what it was settled in, and which lots it takes.
CURRENCIES = (
    "settlement", "settlement_currency", "settle_currency", "proceeds_currency", "currency", "settle_in", "settle",
    "settled_in", "paid_in",
)  # fmt: skip
LOTS = (
    "lots", "lot_ids", "specific_lots", "from_lots", "use_lots", "selection", "identified_lots", "consume", "picks",
    "lot",
)  # fmt: skip
# The price at which a network fee is a disposal.
FEE_PRICES = ("price_usd", "fee_price_usd", "network_fee_price_usd", "fair_value_price_usd")


def named_lots(value: Any) -> tuple[tuple[str, int | None], ...]:
    """Lots as [{"lot", "sat"}], ["L1", ...], {"L1": sat} or one name."""
    if value is None:
        return ()
    if isinstance(value, str):
        return ((value, None),)
    if isinstance(value, dict):
        return tuple((lot, read.sat(value, lot)) for lot in value)
    if not isinstance(value, list):
        raise Garbled("lots is no list")
    return tuple(one_lot(row) for row in value)


def one_lot(row: Any) -> tuple[str, int | None]:
    if isinstance(row, str):
        return row, None
    if isinstance(row, dict):
        lot = read.text({"lot": read.first(row, "lot", "lot_id", "id")}, "lot")
        return lot, read.sat(row) if row.get("sat") is not None else None
    raise Garbled("lots holds neither names nor objects")


def transfer(event: Fields, at: datetime, seq: int, source: str) -> Fact:
    target = read.first(event, "to", "to_wallet")
    return moved(event, at, seq, source, wallet_of(event), Place("wallet", read.text({"to": target}, "to")))


def pledge(event: Fields, at: datetime, seq: int, source: str) -> Fact:
    return moved(event, at, seq, source, wallet_of(event), loan_of(event, "to"))


def release(event: Fields, at: datetime, seq: int, source: str) -> Fact:
    to = read.first(event, "wallet", "to", "to_wallet")
    return moved(event, at, seq, source, loan_of(event, "from"), Place("wallet", read.text({"wallet": to}, "wallet")))


def wallet_of(event: Fields) -> Place:
    name = read.first(event, "wallet", "from", "from_wallet")
    return Place("wallet", read.text({"wallet": name}, "wallet"))


def loan_of(event: Fields, end: str) -> Place:
    return Place("loan", str(read.given({"loan": read.first(event, "loan", "loan_id", end)}, "loan")))


def moved(event: Fields, at: datetime, seq: int, source: str, origin: Place, target: Place) -> Fact:
    fee = read.sat({"network_fee_sat": 0} | dict(event), "network_fee_sat")
    told = {"price_usd": read.first(event, *FEE_PRICES)}
    price = read.number(told, "price_usd") if fee else read.maybe(told, "price_usd")
    return Moved(at, seq, source, origin, target, read.sat(event), fee, price)


KINDS = {
    "opening": acquired, "mined": acquired, "bought": acquired, "sale": sold,
    "transfer": transfer, "pledge": pledge, "release": release,
}  # fmt: skip


def balances(standing: Standing) -> dict[str, Any]:
    return {
        "held_total_sat": standing.held_sat(),
        "held_unpledged_sat": standing.held_sat("wallet"),
        "pledged_sat": standing.balances("loan"),
        "wallets_sat": standing.balances("wallet"),
        "remaining_cost_basis_usd": standing.cost_usd,
    }


def totals(standing: Standing) -> dict[str, Any]:
    mined, sales = standing.of_origin(Origin.MINED), standing.of_kind("sale")
    fees = standing.of_kind("network_fee")
    gross, net = total(sale.gross_usd for sale in sales), total(sale.proceeds_usd for sale in sales)
    return {
        "mined_sat": sum(fact.sat for fact in mined),
        "mining_revenue_usd": total(fact.cost_usd for fact in mined),
        "sold_sat": sum(sale.sat for sale in sales),
        "gross_proceeds_usd": gross,
        "sale_fees_usd": gross - net,
        "net_proceeds_usd": net,
        "cost_basis_sold_usd": total(sale.basis_usd for sale in sales),
        "realised_gain_usd": total(sale.gain_usd for sale in sales),
        "settlement": settlement(sales),
        "network_fee_sat": sum(fee.sat for fee in fees),
        "network_fee_expense_usd": total(fee.proceeds_usd for fee in fees),
        "network_fee_gain_usd": total(fee.gain_usd for fee in fees),
    }


def total(amounts: Any) -> Decimal:
    return sum(amounts, ZERO)


def settlement(sales: list[Disposal]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for sale in sales:
        assert isinstance(sale.fact, Sold)
        sums[sale.fact.currency] += sale.proceeds_usd
    return dict(sorted(sums.items()))


def disposals(standing: Standing, labels: dict[str, Any]) -> dict[str, Any]:
    return {
        "disposals": [disposal(sale, labels) for sale in standing.of_kind("sale")],
        "rejected": [labels[refusal.fact.source] for refusal in standing.refused],
    }


def disposal(sale: Disposal, labels: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": labels[sale.fact.source],
        "consumed": [{"lot": use.lot, "sat": use.sat, "basis_usd": use.basis_usd} for use in sale.uses],
        "basis_usd": sale.basis_usd,
        "net_proceeds_usd": sale.proceeds_usd,
        "realised_gain_usd": sale.gain_usd,
    }


def rollforward(standing: Standing, close: Fields) -> dict[str, Any]:
    price = read.maybe(close, "price_usd")
    sales, fees = standing.of_kind("sale"), standing.of_kind("network_fee")
    table = Rollforward(
        opening_fair_value_usd=cents(read.number(close, "opening_fair_value_usd", ZERO)),
        additions_usd=total(fact.cost_usd for fact in standing.of_origin(Origin.MINED, Origin.BOUGHT)),
        dispositions_usd=total(one.proceeds_usd for one in [*sales, *fees]),
        cost_basis_usd=standing.cost_usd,
        closing_fair_value_usd=None if price is None else usd_of(standing.held_sat(), price),
    )
    return {
        "opening_fair_value_usd": table.opening_fair_value_usd,
        "additions_usd": table.additions_usd,
        "dispositions_usd": table.dispositions_usd,
        "net_gain_loss_usd": table.net_gain_loss_usd,
        "closing_fair_value_usd": table.closing_fair_value_usd,
        "cost_basis_usd": table.cost_basis_usd,
        "unrealised_cumulative_usd": table.unrealised_cumulative_usd,
    }
