"""F2Pool: v1 by account name alone, v2 by POST with a secret. Rates are in H/s, amounts in BTC. A second apart.

v2 refuses with {"code":..,"msg":"type: words"} and status 200; times are Unix seconds, days those of UTC. Source:
F2Pool API documents v1 and v2, and the client of MiningOS for the rows of transactions.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import msgspec

from cango_ops.http_frame import http_get, http_post
from cango_ops.wire import Ask, Conversation, Framing, Garbled
from compute.feeds.pools.account import (
    MAX_WORKERS,
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
from compute.feeds.pools.paging import Span, paid_once, payment

URL = "https://api.f2pool.com"
SECONDS_PER_REQUEST = 1.0
REQUESTS = 3
CURRENCY = "bitcoin"
DAY: Final = timedelta(days=1)
PART: Final = timedelta(days=90)


def read(who: Credentials, path: str = "") -> Conversation[Account]:
    """The account by v2 where there is a secret, else by v1. Raises Garbled."""
    if not who.token:
        page = f"{path}/{CURRENCY}/{quote(who.user, safe='')}"
        return parse_v1((yield Ask("user", http_get(page), Framing.HTTP)))
    body = msgspec.json.encode({"currency": CURRENCY, "mining_user_name": who.user})

    def ask(what: str, page: str) -> Ask:
        return Ask(what, http_post(f"{path}/v2/{page}", body, {"F2P-API-SECRET": who.token}), Framing.HTTP)

    info = parse_info((yield ask("hash_rate_info", "hash_rate/info")))
    balance = parse_balance((yield ask("assets_balance", "assets/balance")))
    workers = parse_workers((yield ask("worker_list", "hash_rate/worker/list")))
    active = sum(worker.is_active is True for worker in workers)
    return msgspec.structs.replace(
        info,
        balance_sat=balance.balance_sat,
        earned_24h_sat=balance.earned_24h_sat,
        workers=workers,
        workers_active=active,
        workers_inactive=len(workers) - active,
    )


def statement(who: Credentials, path: str, span: Span) -> Conversation[Statement]:
    """Days and payouts by v2 where there is a secret, else the payouts by v1, which lists no days. Raises Garbled."""
    if not who.token:
        page = f"{path}/{CURRENCY}/{quote(who.user, safe='')}"
        return Statement(payouts=parse_v1((yield Ask("user", http_get(page), Framing.HTTP))).payouts or [])
    earned: list[dict[str, Any]] = []
    paid: list[dict[str, Any]] = []
    for begin, end in parts(span):
        earned += transactions((yield asked(who, path, "revenue", begin, end)))
        paid += transactions((yield asked(who, path, "payout", begin, end)))
    return Statement(payouts=payouts_of(paid), earnings=earnings_of(earned))


def parts(span: Span) -> list[tuple[int, int]]:
    """The span in Unix seconds, in parts of PART: the list has no pages. What lies on a border is told in both."""
    begin, last = datetime.combine(span.first, time(), UTC), datetime.combine(span.last + DAY, time(), UTC)
    found = []
    while begin < last:
        end = min(begin + PART, last)
        found.append((int(begin.timestamp()), int(end.timestamp())))
        begin = end
    return found


def asked(who: Credentials, path: str, kind: str, begin: int, end: int) -> Ask:
    """kind: revenue, payout or all."""
    told = {"currency": CURRENCY, "mining_user_name": who.user, "type": kind, "start_time": begin, "end_time": end}
    page = f"{path}/v2/assets/transactions/list"
    return Ask(kind, http_post(page, msgspec.json.encode(told), {"F2P-API-SECRET": who.token}), Framing.HTTP)


def parse_v1(body: bytes) -> Account:
    said = tree(body)
    if "hashrate" not in said:
        raise Garbled(f"refused: {name(said.get('error') or said.get('msg'))}")
    online, total = count(said.get("worker_length_online")), count(said.get("worker_length"))
    hashes, stale = decimal(said.get("hashes_last_day")), decimal(said.get("stale_hashes_rejected_last_day"))
    return Account(
        hashrate_now_ths=ths(said.get("hashrate")),
        hashrate_1h_ths=_mean_ths(said.get("hashes_last_hour"), 3_600),
        hashrate_24h_ths=_mean_ths(said.get("hashes_last_day"), 86_400),
        workers_active=online,
        workers_inactive=None if online is None or total is None else max(0, total - online),
        balance_sat=sat(said.get("balance")),
        earned_24h_sat=sat(said.get("value_last_day")),
        rejected_pct=float(100 * stale / (hashes + stale)) if hashes and stale is not None and hashes > 0 else None,
        workers=_v1_workers(said.get("workers")),
        payouts=_v1_payouts(said.get("payout_history")),
    )


def _mean_ths(hashes: Any, seconds: int) -> float | None:
    """The mean rate of so many hashes in so many seconds."""
    read = decimal(hashes)
    return ths(float(read) / seconds) if read is not None else None


def _v1_workers(listed: Any) -> list[Worker]:
    """Rows of [name, rate, ..., last share, ...]; the moment is the only text behind the name."""
    found = [row for row in listed if isinstance(row, list) and len(row) > 6] if isinstance(listed, list) else []
    return [
        Worker(
            name=name(row[0]),
            hashrate_ths=ths(row[1]),
            is_active=bool(row[1]),
            last_share_at=instant(row[6]) if isinstance(row[6], str) else None,
        )
        for row in found
    ]


def _v1_payouts(listed: Any) -> list[Payout]:
    """Rows of [time, transaction, BTC]."""
    found = [row for row in listed if isinstance(row, list) and len(row) > 2] if isinstance(listed, list) else []
    if len(found) > MAX_WORKERS:
        raise Garbled(f"{len(found)} payouts")
    return paid_once((str(row[:3]), payment(row[1], instant(row[0]), sat(row[2]))) for row in found)


def _v2(body: bytes, key: str) -> Any:
    """What stands under `key`. Raises Garbled, with the pool's words where it refuses."""
    said = tree(body)
    if key not in said:
        raise Garbled(f"refused: {name(said.get('msg'))} (code {name(said.get('code'))})")
    return said[key]


def parse_info(body: bytes) -> Account:
    info = table(_v2(body, "info"))
    day, stale = decimal(info.get("h24_hash_rate")), decimal(info.get("h24_stale_hash_rate"))
    return Account(
        hashrate_now_ths=ths(info.get("hash_rate")),
        hashrate_1h_ths=ths(info.get("h1_hash_rate")),
        hashrate_24h_ths=ths(info.get("h24_hash_rate")),
        rejected_pct=float(100 * stale / (day + stale)) if day and stale is not None and day > 0 <= stale else None,
    )


def parse_balance(body: bytes) -> Account:
    info = table(_v2(body, "balance_info"))
    return Account(balance_sat=sat(info.get("balance")), earned_24h_sat=sat(info.get("yesterday_income")))


def parse_workers(body: bytes) -> list[Worker]:
    """status 0 is online."""
    found = []
    for row in rows(_v2(body, "workers")):
        info, status = table(row.get("hash_rate_info")), count(row.get("status"))
        found.append(
            Worker(
                name=name(info.get("name")),
                hashrate_ths=ths(info.get("hash_rate")),
                is_active=None if status is None else status == 0,
                last_share_at=instant(row.get("last_share_at")),
            )
        )
    return found


def transactions(body: bytes) -> list[dict[str, Any]]:
    """The rows of assets/transactions/list. Raises Garbled."""
    return rows(_v2(body, "transactions"))


def payouts_of(listed: Iterable[dict[str, Any]]) -> list[Payout]:
    """Rows of type payout. One without a transaction is still on its way; changed_balance is below zero."""
    return paid_once((row.get("id"), payout_of(row)) for row in listed if row.get("type") == "payout")


def payout_of(row: dict[str, Any]) -> Payout:
    extra = table(row.get("payout_extra"))
    changed = decimal(row.get("changed_balance"))
    amount = sat(extra.get("value")) if "value" in extra else None if changed is None else sat(str(abs(changed)))
    at = instant(extra.get("paid_time")) or instant(row.get("created_at"))
    return payment(extra.get("tx_id") or row.get("id"), at, amount, bool(extra.get("tx_id")))


def earnings_of(listed: Iterable[dict[str, Any]]) -> list[Earning]:
    """What each day was credited with (types such as revenue_fpps), by the day that was mined. Raises Garbled."""
    found: dict[date, Decimal] = {}
    told = {name(row.get("id")): row for row in listed if str(row.get("type")).startswith("revenue")}
    for row in told.values():
        at = instant(table(row.get("mining_extra")).get("mining_date")) or instant(row.get("created_at"))
        changed = decimal(row.get("changed_balance"))
        if at is None or changed is None:
            raise Garbled(f"revenue {name(row.get('id'))} names no day, or no amount")
        found[at.date()] = found.get(at.date(), Decimal(0)) + changed
    return [Earning(day=day, amount_sat=sat(str(amount)) or 0) for day, amount in sorted(found.items())]
