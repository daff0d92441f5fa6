"""Antpool: POST forms signed by HMAC-SHA256 of user, key and a nonce that must rise. 600 requests in 10 minutes.

Rates are text: a bare number is MH/s, or it carries its unit. `code` is 0 or "000000". Source: Antpool API document;
the recorded answer spells "dupelicate".
"""

from hashlib import sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import urlencode

import msgspec

from cango_ops.wire import Ask, Conversation, Framing, Garbled, http_post
from compute.feeds.pools.account import (
    MAX_PAYOUTS,
    Account,
    Credentials,
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

URL = "https://antpool.com"
SECONDS_PER_REQUEST = 1.0
REQUESTS = 3
PAGE_SIZE = 100
OK = ("0", "000000")
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


def statement(who: Credentials, path: str = "") -> Conversation[Statement]:
    """The newest payouts; it lists no days. Raises Garbled."""
    fields = {"key": who.token, "nonce": who.nonce, "signature": signature(who, who.nonce)}
    form = urlencode(fields | {"coin": "BTC", "type": "payout", "pageSize": PAGE_SIZE}).encode()
    page = f"{path}/api/paymentHistoryV2.htm"
    return Statement(payouts=parse_payments((yield Ask("payments", http_post(page, form, FORM), Framing.HTTP))))


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


def parse_payments(body: bytes) -> list[Payout]:
    """paymentHistoryV2: what was paid, by its transaction."""
    return [
        Payout(key=name(row.get("txId")), paid_at=at, amount_sat=amount)
        for row in rows(_data(body).get("rows"), MAX_PAYOUTS)
        if row.get("txId")
        and (at := instant(row.get("timestamp"))) is not None
        and (amount := sat(row.get("amount", row.get("ppsAmount")))) is not None
    ]
