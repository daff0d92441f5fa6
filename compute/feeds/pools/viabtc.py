"""ViaBTC: GET with X-API-KEY; rates are text of H/s, `code` 0 is good. Source: viabtc/viapool_api, its wiki."""

from typing import Any

import msgspec

from cango_ops.wire import Ask, Conversation, Framing, Garbled, http_get
from compute.feeds.pools.account import (
    MAX_PAYOUTS,
    Account,
    Credentials,
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

URL = "https://www.viabtc.com"
SECONDS_PER_REQUEST = 2.0
REQUESTS = 3
COIN = "BTC"


def read(who: Credentials, path: str = "") -> Conversation[Account]:
    """The account. Raises Garbled."""

    def ask(what: str, page: str) -> Ask:
        return Ask(what, http_get(f"{path}/res/openapi/v1/{page}", {"X-API-KEY": who.token}), Framing.HTTP)

    rates = parse_hashrate((yield ask("hashrate", f"hashrate?coin={COIN}")))
    balance = parse_account((yield ask("account", "account")))
    workers = parse_workers((yield ask("workers", f"hashrate/worker?coin={COIN}&limit=100")))
    return msgspec.structs.replace(rates, balance_sat=balance, workers=workers)


def statement(who: Credentials, path: str = "") -> Conversation[Statement]:
    """The newest payouts; it lists no days. Raises Garbled."""
    page = f"{path}/res/openapi/v1/wallet/payment/history?coin={COIN}&limit=100"
    said = yield Ask("payments", http_get(page, {"X-API-KEY": who.token}), Framing.HTTP)
    return Statement(payouts=parse_payments(said))


def _data(body: bytes) -> dict[str, Any]:
    said = tree(body)
    if said.get("code") != 0:
        raise Garbled(f"refused: {name(said.get('message'))} (code {name(said.get('code'))})")
    return table(said.get("data"))


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


def parse_payments(body: bytes) -> list[Payout]:
    """wallet/payment/history: what was sent to the wallet."""
    return [
        Payout(key=name(row.get("tx_id") or row.get("id")), paid_at=at, amount_sat=amount)
        for row in rows(_data(body).get("data"), MAX_PAYOUTS)
        if (at := instant(row.get("create_time") or row.get("date"))) is not None
        and (amount := sat(row.get("amount"))) is not None
    ]
