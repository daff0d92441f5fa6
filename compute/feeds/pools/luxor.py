"""Luxor: v1 and v2 answer alike. Rates are text of H/s, efficiency a ratio of good shares; 429 when asked too fast.

Revenue per worker is its own estimate and no settlement, so it is not read. Source: Luxor Mining API documents.
"""

from datetime import date

import msgspec

from cango_ops.wire import Ask, Conversation, Framing, Garbled, http_get
from compute.feeds.pools.account import (
    MAX_PAYOUTS,
    Account,
    Credentials,
    Earning,
    Payout,
    Statement,
    Worker,
    count,
    decimal,
    instant,
    name,
    percent,
    rows,
    sat,
    ths,
    tree,
)

URL = "https://app.luxor.tech/api"
SECONDS_PER_REQUEST = 2.0
REQUESTS = 2
COIN = "BTC"


def read(who: Credentials, path: str = "/api", version: str = "v1") -> Conversation[Account]:
    """The account, or the sub-account `who.user`. Raises Garbled."""
    query = f"?subaccount_names={who.user}" if who.user else ""

    def ask(page: str) -> Ask:
        text = f"{path}/{version}/pool/{page}/{COIN}{query}"
        return Ask(page, http_get(text, {"authorization": who.token}), Framing.HTTP)

    summary = parse_summary((yield ask("summary")))
    workers = parse_workers((yield ask("workers")))
    return msgspec.structs.replace(summary, workers=workers)


def statement(who: Credentials, path: str = "/api", version: str = "v1") -> Conversation[Statement]:
    """Debits are payouts, credits are what a day earned. Raises Garbled."""
    query = f"?subaccount_names={who.user}" if who.user else ""
    page = f"{path}/{version}/pool/transactions/{COIN}{query}"
    said = yield Ask("transactions", http_get(page, {"authorization": who.token}), Framing.HTTP)
    return Statement(payouts=parse_transactions(said), earnings=parse_credits(said))


def parse_summary(body: bytes) -> Account:
    said = tree(body)
    if "hashrate_5m" not in said:
        raise Garbled(f"refused: {name(said.get('message') or said.get('error'))}")
    efficiency = percent(said.get("efficiency_5m"))
    return Account(
        hashrate_now_ths=ths(said.get("hashrate_5m")),
        hashrate_24h_ths=ths(said.get("hashrate_24h")),
        workers_active=count(said.get("active_miners")),
        balance_sat=_of_coin(said.get("balance")),
        earned_24h_sat=_of_coin(said.get("revenue_24h")),
        rejected_pct=None if efficiency is None else 100 - efficiency,
    )


def _of_coin(listed: object) -> int | None:
    """The sum of the rows in bitcoin; None where there is no row."""
    found = [sat(row.get("revenue")) for row in rows(listed) if row.get("currency_type") == COIN]
    amounts = [amount for amount in found if amount is not None]
    return sum(amounts) if amounts else None


def parse_workers(body: bytes) -> list[Worker]:
    said = tree(body)
    if "workers" not in said:
        raise Garbled(f"refused: {name(said.get('message') or said.get('error'))}")
    return [
        Worker(
            name=name(row.get("name")),
            hashrate_ths=ths(row.get("hashrate", row.get("hashrate_5m"))),
            is_active={"ACTIVE": True, "INACTIVE": False}.get(str(row.get("status")).upper()),
            last_share_at=instant(row.get("last_share_time")),
        )
        for row in rows(said.get("workers"))
    ]


def parse_credits(body: bytes) -> list[Earning]:
    """What was credited, a sum for each day."""
    found: dict[date, int] = {}
    told = rows(tree(body).get("transactions"), MAX_PAYOUTS)
    for row in (row for row in told if str(row.get("transaction_type")).upper() == "CREDIT"):
        at, amount = instant(row.get("date_time")), sat(row.get("currency_amount"))
        if at is not None and amount is not None:
            found[at.date()] = found.get(at.date(), 0) + amount
    return [Earning(day=day, amount_sat=amount) for day, amount in sorted(found.items())]


def parse_transactions(body: bytes) -> list[Payout]:
    """The debits of transactions: what left the balance for a wallet."""
    return [
        Payout(key=name(row.get("tx_id") or row.get("transaction_id")), paid_at=at, amount_sat=amount)
        for row in rows(tree(body).get("transactions"), MAX_PAYOUTS)
        if str(row.get("transaction_type")).upper() == "DEBIT"
        and (at := instant(row.get("date_time"))) is not None
        and (told := decimal(row.get("currency_amount"))) is not None
        and (amount := sat(str(abs(told)))) is not None
    ]
