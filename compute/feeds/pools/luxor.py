"""Luxor: v1 and v2 answer alike. Rates are text of H/s, efficiency a ratio of good shares; 429 when asked too fast.

Revenue per worker is its own estimate and no settlement, so it is not read. Lists want both their days (UTC), and hold
ten rows a page where nothing else is asked for. Source: Luxor Mining API documents v1 and v2.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Conversation, Framing, Garbled
from compute.feeds.pools.account import (
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
    table,
    ths,
    tree,
)
from compute.feeds.pools.paging import Page, Span, every_row, paid_once, payment

URL = "https://app.luxor.tech/api"
SECONDS_PER_REQUEST = 2.0
REQUESTS = 2
COIN = "BTC"
PAGE_SIZE: Final = 250
# Words of a transaction's category or description.
EARNED: Final = ("revenue", "rebate", "referral", "bonus")
PAID: Final = ("payout", "payment", "withdraw")


def read(who: Credentials, path: str = "/api", version: str = "v1") -> Conversation[Account]:
    """The account, or the sub-account `who.user`. Raises Garbled."""
    query = f"?subaccount_names={who.user}" if who.user else ""

    def ask(page: str) -> Ask:
        text = f"{path}/{version}/pool/{page}/{COIN}{query}"
        return Ask(page, http_get(text, {"authorization": who.token}), Framing.HTTP)

    summary = parse_summary((yield ask("summary")))
    workers = parse_workers((yield ask("workers")))
    return msgspec.structs.replace(summary, workers=workers)


def statement(who: Credentials, path: str, span: Span, version: str = "v1") -> Conversation[Statement]:
    """Revenue is what a day earned, payouts are among the transactions. Raises Garbled."""
    names = {"subaccount_names": who.user} if who.user else {}
    days = names | {"start_date": str(span.first), "end_date": str(span.last)}

    def ask(what: str, **more: object) -> Ask:
        page = f"{path}/{version}/pool/{what}/{COIN}?{urlencode(days | more)}"
        return Ask(what, http_get(page, {"authorization": who.token}), Framing.HTTP)

    earnings = parse_revenue((yield ask("revenue")))
    listed = yield from every_row(
        lambda page: ask("transactions", page_number=page, page_size=PAGE_SIZE), page_of_transactions
    )
    return Statement(payouts=payouts_of(listed), earnings=earnings)


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


def parse_revenue(body: bytes) -> list[Earning]:
    """What each day earned in bitcoin, mining and all else together. Raises Garbled."""
    said = tree(body)
    if "revenue" not in said:
        raise Garbled(f"refused: {name(said.get('message') or said.get('error'))}")
    found: dict[date, int] = {}
    for row in rows(said["revenue"]):
        told = table(row.get("revenue"))
        at, amount = instant(row.get("date_time")), sat(told.get("revenue"))
        if told.get("currency_type", COIN) == COIN and at is not None and amount is not None:
            found[at.date()] = found.get(at.date(), 0) + amount
    return [Earning(day=day, amount_sat=amount) for day, amount in sorted(found.items())]


def page_of_transactions(body: bytes) -> Page:
    """The list ends where no next page is named; that one is not followed, only asked for by its number."""
    said = tree(body)
    if "transactions" not in said:
        raise Garbled(f"refused: {name(said.get('message') or said.get('error'))}")
    found = rows(said["transactions"])
    if "pagination" not in said:
        return Page(found, len(found) < PAGE_SIZE)
    return Page(found, not table(said["pagination"]).get("next_page_url"))


def payouts_of(listed: Iterable[dict[str, Any]]) -> list[Payout]:
    return paid_once(
        (row.get("transaction_id") or row.get("tx_id"), payout_of(row))
        for row in listed
        if row.get("currency_type", COIN) == COIN and is_payout(row)
    )


def is_payout(row: dict[str, Any]) -> bool:
    """v2 writes debit beside revenue too, so the category has the first word; v1 has none but its description."""
    words = str(row.get("transaction_category") or row.get("description") or "").lower()
    if any(word in words for word in EARNED):
        return False
    kind = str(row.get("transaction_type") or "").lower()
    return kind == "debit" or (not kind and any(word in words for word in PAID))


def payout_of(row: dict[str, Any]) -> Payout:
    told = decimal(row.get("currency_amount"))
    amount = None if told is None else sat(str(abs(told)))
    return payment(row.get("tx_id") or row.get("transaction_id"), instant(row.get("date_time")), amount)
