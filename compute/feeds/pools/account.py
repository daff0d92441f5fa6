"""What a mining pool says of one account, in one shape for every pool. Pure.

Rates are the pool's, counted from shares: they scatter about what the machines say. Amounts are satoshis, made of
decimal text without passing a float where the pool writes text. Absent is None.
"""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from cango_ops.units import SATS_PER_BTC, THS_PER_UNIT
from cango_ops.wire import Garbled

# Beyond these a figure is a slip of the source: the whole network is about a zettahash, all bitcoin 21 million.
MAX_THS = 5e9
MAX_SAT = 21_000_000 * SATS_PER_BTC
MAX_WORKERS = 20_000
MAX_TEXT = 120
NEAR = Decimal("0.000001")


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """One worker as the pool counts it. is_active: None where the pool does not say."""

    name: str
    hashrate_ths: float | None = None
    is_active: bool | None = None
    last_share_at: datetime | None = None


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """One payment to the miner. key: what makes it this one (transaction id, else the pool's own). is_final: paid, not
    queued."""

    key: str
    paid_at: datetime
    amount_sat: int
    is_final: bool = True


class Earning(msgspec.Struct, frozen=True, kw_only=True):
    """What the pool credited for one day (UTC). shares: accepted ones, None where it does not say."""

    day: date
    amount_sat: int
    shares: int | None = None


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What the pool lists of days and payments. earnings is None where it lists no days."""

    payouts: list[Payout]
    earnings: list[Earning] | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account at one moment. hashrate_now_ths: over the pool's shortest window of 5 to 15 minutes."""

    hashrate_now_ths: float | None = None
    hashrate_1h_ths: float | None = None
    hashrate_24h_ths: float | None = None
    workers_active: int | None = None
    workers_inactive: int | None = None
    balance_sat: int | None = None
    earned_24h_sat: int | None = None
    shares_24h: int | None = None
    rejected_pct: float | None = None
    workers: list[Worker] | None = None
    payouts: list[Payout] | None = None


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What a pool wants to know of who asks. nonce: rises with every question; only Antpool looks at it."""

    user: str = ""
    token: str = ""
    secret: str = ""
    nonce: int = 0

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


def tree(body: bytes) -> dict[str, Any]:
    """The answer as an object. Raises Garbled."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Garbled(f"no JSON object: {error}") from error


def table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rows(value: Any, most: int = MAX_WORKERS) -> list[dict[str, Any]]:
    """The objects of a list. Raises Garbled where there are more than any account has."""
    found = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    if len(found) > most:
        raise Garbled(f"{len(found)} rows")
    return found


def decimal(value: Any) -> Decimal | None:
    """The finite number that `value` says: a number, or text such as "0.00061081"; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() and abs(read.adjusted()) < 40 else None


def ths(value: Any, unit: str = "H/s") -> float | None:
    """A rate in TH/s. None for nothing said; Garbled for what no account can have."""
    read, factor = decimal(value), THS_PER_UNIT.get(unit.upper().removesuffix("/S"))
    if read is None:
        return None
    if factor is None:
        raise Garbled(f"a rate in {unit[:12]!r}")
    scaled = float(read) * factor
    if not 0 <= scaled <= MAX_THS:
        raise Garbled(f"a rate of {scaled:g} TH/s")
    return scaled


def sat(value: Any) -> int | None:
    """Satoshis of an amount in BTC, rounded down. None for nothing said; Garbled for what cannot be.

    A pool that adds binary fractions tells 0.7999999999999999: what is so near to a satoshi is that satoshi.
    """
    read = decimal(value)
    if read is None:
        return None
    scaled = read * SATS_PER_BTC
    nearest = scaled.to_integral_value()
    amount = int(nearest if abs(scaled - nearest) < NEAR else scaled)
    if not 0 <= amount <= MAX_SAT:
        raise Garbled(f"an amount of {amount} sat")
    return amount


def whole_sat(value: Any) -> int | None:
    """Satoshis of an amount that is told in satoshis. None for nothing said; Garbled for what cannot be."""
    read = decimal(value)
    if read is None:
        return None
    if read != int(read) or not 0 <= read <= MAX_SAT:
        raise Garbled(f"an amount of {read} sat")
    return int(read)


def count(value: Any) -> int | None:
    read = decimal(value)
    return int(read) if read is not None and 0 <= read < 10**18 else None


def percent(ratio: Any) -> float | None:
    """A ratio of 0 to 1 in percent."""
    read = decimal(ratio)
    return float(100 * read) if read is not None and 0 <= read <= 1 else None


def name(value: Any) -> str:
    """A printable name of at most MAX_TEXT characters; "?" for none."""
    said = value.strip()[:MAX_TEXT] if isinstance(value, str) else str(value)[:MAX_TEXT] if value is not None else ""
    return "".join(char if char.isprintable() else " " for char in said) or "?"


def instant(value: Any) -> datetime | None:
    """A moment in UTC of Unix seconds or milliseconds, or of ISO text; None where it is none."""
    read = decimal(value)
    try:
        if read is not None:
            seconds = float(read / 1000 if read > 10**11 else read)
            return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
        if not isinstance(value, str):
            return None
        told = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
