"""A pool on loopback that lists days and payouts, and the books' side of them."""

import json
from datetime import UTC, datetime, timedelta

from compute.market.pools import Setting
from compute.models import PoolAccount
from tests.compute.market.test_pools import pool
from treasury.production import statements

NOON = datetime(2025, 10, 8, 12, tzinfo=UTC)
TXID = "ab" * 32
__all__ = ["NOON", "TXID", "listed", "pool", "read", "setting"]


def listed(days=(), payouts=()):
    """The two answers of a Braiins account. days: (days back, BTC as text); payouts: (hours back, satoshis, txid)."""
    midnight = NOON.replace(hour=0)
    rewards = [
        {"date": int((midnight - timedelta(days=back)).timestamp()), "total_reward": btc, "shares": 42}
        for back, btc in days
    ]
    sent = [
        {"resolved_at_ts": int((NOON - timedelta(hours=back)).timestamp()), "status": "confirmed", "amount_sats": sat,
         "fee_sats": 0, "tx_id": txid}
        for back, sat, txid in payouts
    ]  # fmt: skip
    return {
        "rewards": json.dumps({"btc": {"daily_rewards": rewards}}).encode(),
        "payouts": json.dumps({"onchain": sent}).encode(),
    }


def setting(operator, url, **changed):
    told = {"name": "Main", "operator": operator.code, "provider": "braiins", "url": url, "token": "key"}
    return Setting(**(told | {"wallet": "pool-hot"} | changed))


def read(operator, answers):
    with pool(answers) as (url, _):
        return statements.read(setting(operator, url))


def account():
    return PoolAccount.objects.get(name="Main")
