"""ViaBTC: GET with X-API-KEY; rates are text of H/s, `code` 0 is good.

Days are those of Beijing where `utc=true` is not asked for. Source: viabtc/viapool_api, its wiki.
"""

from collections.abc import Callable, Iterable
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
    instant,
    name,
    rows,
    sat,
    table,
    ths,
    tree,
)
from compute.feeds.pools.paging import Page, Span, every_row, paid_once, payment

URL = "https://www.viabtc.com"
SECONDS_PER_REQUEST = 2.0
REQUESTS = 3
COIN = "BTC"
PAGE_SIZE: Final = 100


def read(who: Credentials, path: str = "") -> Conversation[Account]:
    """The account. Raises Garbled."""

    def ask(what: str, page: str) -> Ask:
        return Ask(what, http_get(f"{path}/res/openapi/v1/{page}", {"X-API-KEY": who.token}), Framing.HTTP)

    rates = parse_hashrate((yield ask("hashrate", f"hashrate?coin={COIN}")))
    balance = parse_account((yield ask("account", "account")))
    workers = parse_workers((yield ask("workers", f"hashrate/worker?coin={COIN}&limit=100")))
    return msgspec.structs.replace(rates, balance_sat=balance, workers=workers)


def statement(who: Credentials, path: str, span: Span) -> Conversation[Statement]:
    """Days and payouts, page by page. Raises Garbled."""
    days = {"coin": COIN, "start_date": str(span.first), "end_date": str(span.last), "utc": "true"}

    def asking(what: str, page: str) -> Callable[[int], Ask]:
        def ask(number: int) -> Ask:
            query = urlencode(days | {"page": number, "limit": PAGE_SIZE})
            return Ask(what, http_get(f"{path}/res/openapi/v1/{page}?{query}", {"X-API-KEY": who.token}), Framing.HTTP)

        return ask

    earned = yield from every_row(asking("profits", "profit/history"), page_of_rows)
    paid = yield from every_row(asking("payments", "wallet/payment/history"), page_of_rows)
    return Statement(payouts=payouts_of(paid), earnings=earnings_of(earned))


def _checked(body: bytes) -> dict[str, Any]:
    said = tree(body)
    if said.get("code") != 0:
        raise Garbled(f"refused: {name(said.get('message'))} (code {name(said.get('code'))})")
    return said


def _data(body: bytes) -> dict[str, Any]:
    return table(_checked(body).get("data"))


def parse_hashrate(body: bytes) -> Account:
    data = _data(body)
    return Account(
        hashrate_now_ths=ths(data.get("hashrate_10min")),
        hashrate_1h_ths=ths(data.get("hashrate_1hour")),
        hashrate_24h_ths=ths(data.get("hashrate_24hour")),
        workers_active=count(data.get("active_workers")),
        workers_inactive=count(data.get("unactive_workers")),
    )


def parse_account(body: bytes) -> int | None:
    """The balance in satoshis."""
    found = [sat(row.get("amount")) for row in rows(_data(body).get("balance")) if row.get("coin") == COIN]
    return found[0] if found else None


def parse_workers(body: bytes) -> list[Worker]:
    return [
        Worker(
            name=name(row.get("worker_name")),
            hashrate_ths=ths(row.get("hashrate_10min")),
            is_active={"active": True, "unactive": False}.get(str(row.get("worker_status"))),
            last_share_at=instant(row.get("last_active")),
        )
        for row in rows(_data(body).get("data"))
    ]


def page_of_rows(body: bytes) -> Page:
    """One page, whose numbers stand beside its rows: in `data`, or around it as the document writes payments."""
    said = _checked(body)
    inner = said if isinstance(said.get("data"), list) else table(said.get("data"))
    return Page(rows(inner.get("data")), inner.get("has_next") is not True, count(inner.get("total")))


def payouts_of(listed: Iterable[dict[str, Any]]) -> list[Payout]:
    """What was sent to the wallet; a payment without its transaction is still on its way."""
    return paid_once(
        (row.get("id"), payment(row.get("tx") or row.get("id"), instant(row.get("create_time")), sat(row.get("amount")),
                                bool(row.get("tx"))))
        for row in listed
        if row.get("coin", COIN) == COIN
    )  # fmt: skip


def earnings_of(listed: Iterable[dict[str, Any]]) -> list[Earning]:
    """What each day earned. Raises Garbled."""
    found = []
    for row in (row for row in listed if row.get("coin", COIN) == COIN):
        at, amount = instant(row.get("date")), sat(row.get("total_profit"))
        if at is None or amount is None:
            raise Garbled("a day of profits names no day, or no amount")
        found.append(Earning(day=at.date(), amount_sat=amount))
    return found
