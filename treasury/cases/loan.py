"""Cases of kinds "loan" and "stress": terms and events to debt, marks and scenarios."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from cango_ops.wire import Garbled
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.lending.course import Event, Kind, run
from treasury.lending.mark import Mark
from treasury.lending.stress import Owed, Position, Scenario, scenario
from treasury.lending.terms import DayCount, Interest, Terms, Trigger
from treasury.money import cents

ZERO = Decimal("0.00")
# Other words for the kinds of events.
SAME_AS = {
    "rate_reset": "rate", "rate_change": "rate", "topup": "top_up", "drawdown": "draw", "repayment": "repay",
    "payment": "repay", "pay": "repay", "repay_coins": "repay_in_coins", "repay_btc": "repay_in_coins",
    "coin_repay": "repay_in_coins", "set_rate": "rate", "reset": "rate", "reset_rate": "rate", "rate_set": "rate",
    "pay_interest": "repay", "borrow": "draw", "withdraw": "release", "valuation": "mark", "price": "mark",
    "margin_call": "call", "liquidate": "liquidation", "liquidated": "liquidation",
}  # fmt: skip
# Other ways to write the day counts.
DAY_COUNTS = {"ACT/365": "ACT/365F", "ACTUAL/360": "ACT/360", "ACTUAL/365": "ACT/365F", "ACTUAL/ACTUAL": "ACT/ACT"}


def terms_of(fields: Fields) -> Terms:
    return Terms(
        rate=read.number(fields, "rate"),
        day_count=read.word({"day_count": day_count_of(read.text(fields, "day_count"))}, "day_count", DayCount),
        interest=read.word(fields, "interest", Interest),
        initial_ltv=read.maybe(fields, "initial_ltv"),
        margin_ltv=read.maybe(fields, "margin_ltv"),
        liquidation_ltv=read.maybe(fields, "liquidation_ltv"),
        trigger=read.word(fields, "trigger", Trigger, Trigger.GT),
        call_price_ratio=read.maybe(fields, "call_price_ratio"),
    )


def day_count_of(text: str) -> str:
    return DAY_COUNTS.get(text.upper(), text)


def answer(case: Fields) -> dict[str, Any]:
    events = [event_of(row) for row in read.unique(read.rows(case, "events"))]
    loan = run(terms_of(read.record(case, "terms")), events, read.day(case, "as_of"))
    extra = {"unapplied_usd": loan.unapplied_usd} if loan.unapplied_usd else {}
    return {
        "monthly_interest": [
            {"month": f"{bill.month:%Y-%m}", "interest_usd": bill.interest_usd} for bill in loan.bills
        ],
        "principal_usd": cents(loan.principal_usd),
        "billed_unpaid_interest_usd": cents(loan.billed_usd),
        "accrued_unbilled_interest_usd": cents(loan.accrued_usd),
        "collateral_sat": loan.collateral_sat,
        "marks": [marked(event, mark) for event, mark in loan.marks],
    } | extra


def event_of(row: Fields) -> Event:
    name, on = read.text(row, "type"), read.day({"date": read.first(row, "date", "on", "at")}, "date")
    seq = read.whole(row, "seq", 0)
    try:
        kind = Kind(SAME_AS.get(name, name))
    except ValueError:
        raise Garbled(f"event on {on}: type is {name[:40]!r}, not one of {', '.join(Kind)}") from None
    try:
        if kind is Kind.REPAY and row.get("sat") is not None and read.first(row, "usd", "amount_usd") is None:
            kind = Kind.REPAY_IN_COINS
        return Event(on, seq, kind, **fields_of(kind, row))
    except Garbled as why:
        raise Garbled(f"{name} on {on}: {why}") from why


def fields_of(kind: Kind, row: Fields) -> dict[str, Any]:
    if kind in (Kind.PLEDGE, Kind.TOP_UP, Kind.RELEASE):
        return {"sat": read.sat(row)}
    if kind in (Kind.DRAW, Kind.REPAY):
        return {"usd": usd_of(row), "price_usd": read.maybe(row, "price_usd")}
    if kind in (Kind.REPAY_IN_COINS, Kind.LIQUIDATION):
        return {"sat": read.sat(row), "price_usd": read.positive(row, "price_usd")}
    if kind is Kind.CALL:
        return {}
    if kind is Kind.RATE:
        return {"rate": read.number({"rate": read.first(row, "rate", "new_rate")}, "rate")}
    return {"price_usd": read.number(row, "price_usd")}


def usd_of(row: Fields) -> Decimal:
    amount = read.number({"usd": read.first(row, "usd", "amount_usd")}, "usd")
    if amount < 0:
        raise Garbled("usd is below zero")
    return cents(amount)


def marked(event: Event, mark: Mark) -> dict[str, Any]:
    return {
        "date": event.on.isoformat(),
        "seq": event.seq,
        "price_usd": event.price_usd,
        "debt_usd": mark.debt_usd,
        "collateral_sat": mark.collateral_sat,
        "collateral_value_usd": mark.collateral_value_usd,
        "ltv_pct": mark.ltv_pct,
        "status": mark.status.value,
        "margin_call_price_usd": mark.margin_call_price_usd,
        "liquidation_price_usd": mark.liquidation_price_usd,
        "top_up_to_initial_sat": mark.top_up_sat,
        "releasable_sat": mark.releasable_sat,
    }


def stress(case: Fields) -> dict[str, Any]:
    position = Position(
        price_usd=read.number(case, "btc_price_usd"),
        unpledged_sat=read.sat(case, "unpledged_sat"),
        cash_usd=read.number(case, "cash_usd", ZERO),
        other_net_assets_usd=read.number(case, "other_net_assets_usd", ZERO),
        loans=read.each(case, "loans", owed_of),
        covenant_min_equity_usd=read.maybe(case, "covenant_min_equity_usd"),
    )
    shocks = [read.decimal(shock, "shocks_pct") for shock in case.get("shocks_pct") or []]
    return {"scenarios": [scenario_of(scenario(position, shock)) for shock in shocks]}


def owed_of(row: Fields) -> Owed:
    parts = ("principal_usd", "accrued_usd", "billed_unpaid_interest_usd", "billed_usd")
    debt = sum((read.number(row, part, ZERO) for part in parts), ZERO)
    return Owed(str(read.given(row, "id")), terms_of(read.record(row, "terms")), debt, read.sat(row, "collateral_sat"))


def scenario_of(found: Scenario) -> dict[str, Any]:
    fields = asdict(found)
    fields["loans"] = {
        name: {"ltv_pct": mark.ltv_pct, "status": mark.status.value, "top_up_to_initial_sat": mark.top_up_sat}
        for name, mark in found.loans.items()
    }
    fields["covenant_min_equity_ok"] = fields.pop("covenant_ok")
    return fields
