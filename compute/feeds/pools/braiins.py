"""Braiins Pool: profile, workers and payouts of an account. About one request in five seconds, else a ban.

Header Pool-Auth-Token; every object names the unit of its rates. Days are those of UTC; lists without from and to end
after 90 days. Source: Braiins Academy, Pool API; recorded answers.
"""

from hashlib import sha256
from typing import Any

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.units import SECONDS_PER_DAY
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
    whole_sat,
)
from compute.feeds.pools.paging import Span, paid_once, payment

URL = "https://pool.braiins.com"
SECONDS_PER_REQUEST = 5.0
REQUESTS = 3
ACTIVE = {"ok": True, "low": True, "off": False, "dis": None}


def read(who: Credentials, path: str = "") -> Conversation[Account]:
    """The account. Raises Garbled."""

    def ask(what: str, page: str) -> Ask:
        return Ask(what, http_get(f"{path}{page}", {"Pool-Auth-Token": who.token}), Framing.HTTP)

    profile = parse_profile((yield ask("profile", "/accounts/profile/json/btc/")))
    workers = parse_workers((yield ask("workers", "/accounts/workers/json/btc/")))
    payouts = parse_rewards((yield ask("rewards", "/accounts/rewards/json/btc")))
    return msgspec.structs.replace(profile, workers=workers, payouts=payouts)


def statement(who: Credentials, path: str, span: Span) -> Conversation[Statement]:
    """Daily rewards and payouts, each in one answer. Raises Garbled."""

    def ask(what: str) -> Ask:
        page = f"{path}/accounts/{what}/json/btc?from={span.first}&to={span.last}"
        return Ask(what, http_get(page, {"Pool-Auth-Token": who.token}), Framing.HTTP)

    earnings = parse_earnings((yield ask("rewards")))
    return Statement(payouts=parse_payouts((yield ask("payouts"))), earnings=earnings)


def parse_earnings(body: bytes) -> list[Earning]:
    """What each whole day earned."""
    return [
        Earning(day=at.date(), amount_sat=amount, shares=count(row.get("shares")))
        for row in rows(_btc(body).get("daily_rewards"))
        if (at := instant(row.get("date"))) is not None and (amount := sat(row.get("total_reward"))) is not None
    ]


def _btc(body: bytes) -> dict[str, Any]:
    """The account's coin. Raises Garbled, with the pool's words where it refuses."""
    said = tree(body)
    if "btc" not in said:
        raise Garbled(f"refused: {name(said.get('detail'))}")
    return table(said["btc"])


def parse_profile(body: bytes) -> Account:
    coin = _btc(body)
    unit = str(coin.get("hash_rate_unit", ""))
    on, low = count(coin.get("ok_workers")), count(coin.get("low_workers"))
    return Account(
        hashrate_now_ths=ths(coin.get("hash_rate_5m"), unit),
        hashrate_1h_ths=ths(coin.get("hash_rate_60m"), unit),
        hashrate_24h_ths=ths(coin.get("hash_rate_24h"), unit),
        workers_active=None if on is None or low is None else on + low,
        workers_inactive=count(coin.get("off_workers")),
        balance_sat=sat(coin.get("current_balance")),
        earned_24h_sat=sat(coin.get("estimated_reward")),
        shares_24h=count(coin.get("shares_24h")),
    )


def parse_workers(body: bytes) -> list[Worker]:
    found = table(_btc(body).get("workers"))
    rows(list(found.values()))
    return [
        Worker(
            name=name(worker),
            hashrate_ths=ths(row.get("hash_rate_5m"), str(row.get("hash_rate_unit", ""))),
            is_active=ACTIVE.get(str(row.get("state"))),
            last_share_at=instant(row.get("last_share")),
        )
        for worker, row in found.items()
        if isinstance(row, dict)
    ]


def parse_rewards(body: bytes) -> list[Payout]:
    """What each whole day earned, dated at its end."""
    found = [(count(row.get("date")), sat(row.get("total_reward"))) for row in rows(_btc(body).get("daily_rewards"))]
    return [
        Payout(key=f"day-{start}", paid_at=at, amount_sat=amount)
        for start, amount in found
        if start is not None and amount is not None and (at := instant(start + SECONDS_PER_DAY)) is not None
    ]


def parse_payouts(body: bytes) -> list[Payout]:
    """What was sent, on the chain and by lightning; amounts here are satoshis already, and status says what came of it:
    queued, confirmed or failed. A transaction may hold two payouts."""
    said = tree(body)
    if "onchain" not in said and "lightning" not in said:
        raise Garbled(f"refused: {name(said.get('detail'))}")
    listed = [(kind, row) for kind in ("onchain", "lightning") for row in rows(said.get(kind))]
    return paid_once((number_of(kind, row), payout_of(kind, row)) for kind, row in listed)


def number_of(kind: str, row: dict[str, Any]) -> str:
    """Braiins numbers no payout: what is asked for, when and where to tell it from the others."""
    told = [str(row.get(part)) for part in ("requested_at_ts", "amount_sats", "tx_id", "invoice", "destination")]
    return sha256(" ".join([kind, *told]).encode()).hexdigest()


def payout_of(kind: str, row: dict[str, Any]) -> Payout:
    at = instant(row.get("resolved_at_ts") or row.get("requested_at_ts"))
    key = row.get("tx_id") or f"{kind}-{row.get('requested_at_ts')}"
    return payment(key, at, whole_sat(row.get("amount_sats")), row.get("status") == "confirmed")
