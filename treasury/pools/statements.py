"""What a pool says it owes and paid: daily rewards and payouts, out of its API or out of a CSV.

Sources: Braiins Pool's /accounts/rewards/json/btc and /accounts/payouts/json/btc; the CSV is the console's own and
docs/treasury.md names its columns. Raises Garbled alone.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Garbled

LIMIT_BYTES = 8 << 20
COLUMNS = ("ref", "sat", "paid_at")


class Reward(NamedTuple):
    """What the pool credited for one day. shares: accepted ones, None where it does not say."""

    day_at: datetime
    sat: int
    shares: int | None


class Payout(NamedTuple):
    """What the pool sent. ref: the transaction, or the pool's own number while there is none yet."""

    ref: str
    sat: int
    paid_at: datetime | None
    status: str
    fee_sat: int = 0


def parse_rewards(body: bytes) -> list[Reward]:
    """The daily rewards of a Braiins account, oldest first."""
    rows = _list(_object(_json(body), "btc"), "daily_rewards")
    rewards = [Reward(_moment(row, "date"), _sat_of_btc(row, "total_reward"), _count(row, "shares")) for row in rows]
    if len({reward.day_at for reward in rewards}) < len(rewards):
        raise Garbled("daily_rewards names a day twice")
    return sorted(rewards)


def parse_payouts(body: bytes) -> list[Payout]:
    """The on-chain payouts of a Braiins account that were sent, as it lists them."""
    rows = _list(_json(body), "onchain")
    return [_payout(row) for row in rows if row.get("status") == "confirmed"]


def _payout(row: Mapping[str, Any]) -> Payout:
    ref = row.get("tx_id")
    if not isinstance(ref, str) or not ref:
        raise Garbled("a confirmed payout names no tx_id")
    sat, fee = _count(row, "amount_sats"), _count(row, "fee_sats")
    if sat is None:
        raise Garbled(f"payout {ref} names no amount_sats")
    return Payout(ref, sat, _moment(row, "resolved_at_ts"), "confirmed", fee or 0)


def parse_csv(body: bytes) -> list[Payout]:
    """Payouts of a CSV with the columns ref, sat and paid_at (ISO 8601 with an offset); further ones are ignored."""
    if len(body) > LIMIT_BYTES:
        raise Garbled(f"the statement is longer than {LIMIT_BYTES} bytes")
    try:
        table = csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True)
        missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
        if missing:
            raise Garbled(f"the statement has no column {missing[0]}")
        return [_csv_payout(row, table.line_num) for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Garbled(f"the statement is no CSV in UTF-8: {error}") from error


def _csv_payout(row: Mapping[str, Any], line: int) -> Payout:
    sat, ref = row["sat"] or "", row["ref"] or ""
    if not ref:
        raise Garbled(f"line {line} names no ref")
    if not (sat.isascii() and sat.isdigit() and len(sat) <= 16):
        raise Garbled(f"line {line}: sat is no whole number of satoshis")
    try:
        paid_at = datetime.fromisoformat(row["paid_at"] or "")
    except ValueError as error:
        raise Garbled(f"line {line}: paid_at is no instant such as 2025-10-01T00:00:00Z") from error
    if paid_at.tzinfo is None:
        raise Garbled(f"line {line}: paid_at names no offset")
    return Payout(ref, int(sat), paid_at.astimezone(UTC), "confirmed")


def _json(body: bytes) -> dict[str, Any]:
    if len(body) > LIMIT_BYTES:
        raise Garbled(f"the answer is longer than {LIMIT_BYTES} bytes")
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Garbled(f"no JSON object: {error}") from error


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise Garbled(f"{name} is no object")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise Garbled(f"{name} is no list of objects")
    return value


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**33:
        raise Garbled(f"{name} is no time in seconds")
    return datetime.fromtimestamp(value, UTC)


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise Garbled(f"{name} is no count")
    return value


def _sat_of_btc(row: Mapping[str, Any], name: str) -> int:
    """Bitcoin written as text with up to eight places, as satoshi."""
    value = row.get(name)
    try:
        amount = Decimal(value) * SATS_PER_BTC if isinstance(value, str) and len(value) < 24 else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount < 2**63 or amount != int(amount):
        raise Garbled(f"{name} is no amount of bitcoin")
    return int(amount)
