"""Antpool: POST forms signed by HMAC-SHA256 of user, key and a nonce that must rise. 600 requests in 10 minutes.

Rates are text: a bare number is MH/s, or it carries its unit. `code` is 0 or "000000". A page of payments has at most
50 rows, the newest first, and their times are UTC without saying so. Source: Antpool API document and its clients; the
recorded answer spells "dupelicate".
"""

from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256
from hmac import new as hmac
from itertools import count as count_from
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from cango_ops.http_frame import http_post
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
    rows,
    sat,
    table,
    ths,
    tree,
)
from compute.feeds.pools.paging import Page, Span, every_row, paid_once, payment

URL = "https://antpool.com"
SECONDS_PER_REQUEST = 1.0
REQUESTS = 3
PAGE_SIZE = 100
PAYMENTS_A_PAGE: Final = 50
OK = ("0", "000000")
# Each way of paying has an amount of its own in a day's row; those that the account does not use are 0.
WAYS: Final = ("ppsAmount", "pplnsAmount", "soloAmount", "ppappsAmount", "ppapplnsAmount", "fppsBlockAmount",
               "fppsFeeAmount")  # fmt: skip
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def signature(who: Credentials, nonce: int) -> str:
    """HMAC-SHA256 of user id, key and nonce under the secret, in capitals."""
    return hmac(who.secret.encode(), f"{who.user}{who.token}{nonce}".encode(), sha256).hexdigest().upper()


def read(who: Credentials, path: str = "") -> Conversation[Account]:
    """The account. Each question takes the next nonce. Raises Garbled."""

    def ask(page: str, at: int, **more: object) -> Ask:
        nonce = who.nonce + at
        form = {"key": who.token, "nonce": nonce, "signature": signature(who, nonce), "coin": "BTC", **more}
        return Ask(page, http_post(f"{path}/api/{page}.htm", urlencode(form).encode(), FORM), Framing.HTTP)

    balance = parse_account((yield ask("account", 0)))
    rates = parse_hashrate((yield ask("hashrate", 1)))
    workers = parse_workers((yield ask("workers", 2, pageSize=PAGE_SIZE)))
    return msgspec.structs.replace(
        rates, balance_sat=balance.balance_sat, earned_24h_sat=balance.earned_24h_sat, workers=workers
    )


def statement(who: Credentials, path: str, span: Span) -> Conversation[Statement]:
    """Days and payouts, page by page; no dates can be asked for. Raises Garbled."""
    nonces = count_from(who.nonce)

    def asking(kind: str) -> Callable[[int], Ask]:
        def ask(page: int) -> Ask:
            nonce = next(nonces)
            form = {"key": who.token, "nonce": nonce, "signature": signature(who, nonce), "coin": "BTC"}
            form |= {"type": kind, "pageEnable": 1, "page": page, "pageSize": PAYMENTS_A_PAGE}
            body = urlencode(form).encode()
            return Ask(kind, http_post(f"{path}/api/paymentHistoryV2.htm", body, FORM), Framing.HTTP)

        return ask

    def read(body: bytes) -> Page:
        return ended(page_of_payments(body), span.first)

    earned = yield from every_row(asking("recv"), read)
    paid = yield from every_row(asking("payout"), read)
    return Statement(payouts=payouts_of(paid), earnings=earnings_of(earned))


def _data(body: bytes) -> dict[str, Any]:
    said = tree(body)
    if str(said.get("code")) not in OK:
        raise Garbled(f"refused: {name(said.get('message'))} (code {name(said.get('code'))})")
    return table(said.get("data"))


def rate_ths(value: Any) -> float | None:
    """ "49.41 TH/s" by its own unit, a bare number as MH/s."""
    if not isinstance(value, str) or " " not in value.strip():
        return ths(value, "MH/s")
    number, _, unit = value.strip().partition(" ")
    return ths(number, unit.strip())


def parse_account(body: bytes) -> Account:
    data = _data(body)
    return Account(balance_sat=sat(data.get("balance")), earned_24h_sat=sat(data.get("earn24Hours")))


def parse_hashrate(body: bytes) -> Account:
    data = _data(body)
    accepted = decimal(data.get("accepted"))
    bad = [decimal(data.get(kind)) for kind in ("stale", "dupelicate", "duplicate", "other")]
    lost = sum(value for value in bad if value is not None and value >= 0)
    return Account(
        hashrate_now_ths=rate_ths(data.get("last10m")),
        hashrate_1h_ths=rate_ths(data.get("last1h")),
        hashrate_24h_ths=rate_ths(data.get("last1d")),
        workers_active=count(data.get("activeWorkerNumber")),
        workers_inactive=count(data.get("inactiveWorkerNumber")),
        rejected_pct=float(100 * lost / (accepted + lost)) if accepted is not None and accepted > 0 else None,
    )


def parse_workers(body: bytes) -> list[Worker]:
    return [
        Worker(name=name(row.get("worker")), hashrate_ths=rate, is_active=None if rate is None else rate > 0)
        for row in rows(_data(body).get("rows"))
        for rate in [rate_ths(row.get("last10m"))]
    ]


def page_of_payments(body: bytes) -> Page:
    """One page of paymentHistoryV2."""
    data = _data(body)
    found, page, pages = rows(data.get("rows")), count(data.get("page")), count(data.get("totalPage"))
    is_last = len(found) < PAYMENTS_A_PAGE if page is None or pages is None else page >= pages
    return Page(found, is_last, count(data.get("totalRecord")))


def ended(page: Page, first: date) -> Page:
    """The page as the last one, where the newest rows come first and its last is older than the first day wanted."""
    times = [at for row in page.rows if (at := instant(row.get("timestamp"))) is not None]
    is_over = len(times) > 1 and times[0] > times[-1] and times[-1].date() < first
    return Page(page.rows, True) if is_over and not page.is_last else page


def payouts_of(listed: Iterable[dict[str, Any]]) -> list[Payout]:
    """What was paid, by its transaction; one that has none yet is still on its way. Times are UTC."""
    return paid_once(
        (
            row.get("id") or f"{row.get('txId')} {row.get('walletAddress')} {row.get('amount')}",
            payment(
                row.get("txId") or row.get("id"), instant(row.get("timestamp")), sat(row.get("amount")),
                bool(row.get("txId")),
            ),
        )
        for row in listed
    )  # fmt: skip


def earnings_of(listed: Iterable[dict[str, Any]]) -> list[Earning]:
    """What each day earned, whichever way of paying it was credited by. Raises Garbled."""
    found = []
    for row in listed:
        at, amounts = instant(row.get("timestamp")), [decimal(row.get(way)) for way in WAYS]
        if at is None:
            raise Garbled("a day of earnings names no day")
        found.append(Earning(day=at.date(), amount_sat=sat(str(sum(one for one in amounts if one is not None))) or 0))
    return found
