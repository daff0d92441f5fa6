"""Cases of kinds "nav", "btc_yield" and "fx"."""

from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cango_ops.wire import Garbled
from treasury.cases import read
from treasury.cases.read import Fields
from treasury.value.btc_yield import Stake, btc_yield
from treasury.value.fx import convert
from treasury.value.nav import Capital, Convertible, Holdings, Option, dilution, nav

ZERO = Decimal(0)
CONVERTS = ("converts", "convertibles", "convertible_notes")


def answer(case: Fields) -> dict[str, Any]:
    held = Holdings(
        btc_sat=read.sat(case, "btc_sat"),
        btc_price_usd=read.number(case, "btc_price_usd"),
        cash_usd=read.number(case, "cash_usd", ZERO),
        other_usd=amount_of(case, "other_usd", "other_net_assets_usd", "other_assets_usd", "other"),
        debt_usd=read.number(case, "debt_usd", ZERO),
        preferred_usd=amount_of(case, "preferred_usd", "preferred_stock_usd", "preferred_equity_usd", "preferred"),
    )
    return asdict(nav(held, capital_of(case)))


def amount_of(fields: Fields, *names: str) -> Decimal:
    """The first of these amounts that is there, else nothing."""
    value = read.first(fields, *names)
    return ZERO if value is None else read.decimal(value, names[0])


def capital_of(fields: Fields) -> Capital:
    return Capital(
        shares_basic=read.number(fields, "shares_basic"),
        share_price_usd=read.maybe(fields, "share_price_usd"),
        options=[
            *read.each(fields, "options", option_of),
            *read.each(fields, "warrants", option_of),
            *read.each(fields, "rsus", lambda row: option_of({"strike": "0"} | dict(row))),
        ],
        converts=[note for name in CONVERTS for note in read.each(fields, name, convertible_of)],
    )


def option_of(row: Fields) -> Option:
    count = read.first(row, "n", "count", "number", "shares")
    strike = read.first(row, "strike", "strike_usd", "strike_price_usd", "exercise_price_usd")
    return Option(read.number({"n": count}, "n"), read.number({"strike": strike}, "strike"))


def convertible_of(row: Fields) -> Convertible:
    principal = read.first(row, "principal_usd", "principal", "notional_usd", "amount_usd", "face_usd")
    price = read.first(row, "conversion_price_usd", "conversion_price", "conv_price", "strike", "price_usd")
    shares = read.first(row, "shares", "n")
    return Convertible(
        read.number({"principal_usd": principal}, "principal_usd"),
        read.positive({"conversion_price": price}, "conversion_price"),
        None if shares is None else read.decimal(shares, "shares"),
    )


def bitcoin_yield(case: Fields) -> dict[str, Any]:
    """Opening and closing as records, or as fields with those words before or behind their names."""
    return asdict(btc_yield(stake_of(side(case, "opening")), stake_of(side(case, "closing"))))


# The words for the two moments of a period.
SIDES = {
    "opening": ("opening", "start", "open", "begin", "beginning", "before", "previous", "from", "t0"),
    "closing": ("closing", "end", "close", "ending", "after", "current", "to", "t1"),
}


def side(case: Fields, name: str) -> Fields:
    found = read.first(case, *SIDES[name])
    if isinstance(found, dict):
        return found
    own: dict[str, Any] = {}
    for word in SIDES[name]:
        own |= {key.removeprefix(f"{word}_"): value for key, value in case.items() if key.startswith(f"{word}_")}
        own |= {key.removesuffix(f"_{word}"): value for key, value in case.items() if key.endswith(f"_{word}")}
    if not own:
        raise Garbled(f"{name} is missing")
    return own


def stake_of(fields: Fields) -> Stake:
    """Diluted shares as they are told, else by the rules of `nav`."""
    sat = read.sat(fields, "btc_sat") if "btc_sat" in fields else read.sat(fields)
    told = read.first(fields, "diluted_shares", "shares_diluted", "shares")
    if told is not None:
        return Stake(sat, Fraction(read.decimal(told, "diluted_shares")))
    return Stake(sat, dilution(capital_of(fields)).shares)


def fx(case: Fields) -> dict[str, Any]:
    reporting = str(case.get("reporting_currency") or "USD")
    told = [value for name, value in sorted(case.items()) if "rate" in name and isinstance(value, dict | list)]
    rates = rates_of(told[0] if told else {})
    balances = balances_of(read.given(case, "balances"))
    known = {currency: read.decimal(rate, f"the rate of {currency}") for currency, rate in rates.items()}
    found = convert(balances, known, reporting)
    word = reporting.lower()
    return {f"converted_{word}": found.amounts, f"total_{word}": found.total}


def rates_of(value: Any) -> dict[str, Any]:
    """{"USDT": "0.9994"} or [{"currency": "USDT", "rate": "0.9994"}], without those that are not known."""
    if isinstance(value, dict):
        return {currency: rate for currency, rate in value.items() if rate is not None}
    rows = read.rows({"rates": value}, "rates")
    return {read.text(row, "currency"): row["rate"] for row in rows if row.get("rate") is not None}


def balances_of(value: Any) -> dict[str, Decimal]:
    """{"USD": "1.00"} or [{"currency": "USD", "amount": "1.00"}]; several of one currency add up."""
    if isinstance(value, dict):
        return {currency: read.decimal(amount, currency) for currency, amount in value.items()}
    sums: dict[str, Decimal] = {}
    for row in read.rows({"balances": value}, "balances"):
        currency = read.text(row, "currency")
        amount = read.first(row, "amount", "balance", "value")
        sums[currency] = sums.get(currency, ZERO) + read.number({"amount": amount}, "amount")
    return sums
