"""The network's past, from which production is expected: difficulty epochs, and what a block of each day was worth.

Epochs come from the network's feed, days from the readings of it once they are over, both of former years from files.
What is kept once stays as it is; where a source says otherwise it is refused in words.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Avg
from django.db.models.functions import TruncDate

from cango_ops.units import SATS_PER_BTC
from cango_ops.wire import Garbled, NoAnswer
from compute.feeds import mempool_space
from compute.feeds.mempool_space import BLOCKS_PER_EPOCH, DIFFICULTY, Epoch
from compute.market import fetch
from compute.models import DifficultyEpoch, NetworkReading, RewardDay

DEADLINE_S: Final = 10.0
DAY: Final = timedelta(days=1)
LOOK_BACK: Final = timedelta(days=40)
# A difficulty is a float on its way; two that differ by less are the same.
SAME: Final = 1e-9
SUBSIDY_SAT: Final = 50 * SATS_PER_BTC
BLOCKS_PER_HALVING: Final = 210_000


class Reward(NamedTuple):
    """Of one block, the mean of a day."""

    subsidy_sat: int
    fee_sat: int


def read_epochs(url: str) -> int:
    """Keeps the epochs that the mempool-compatible API at `url` tells; how many were new. Raises NoAnswer."""
    told = fetch.talk(url, mempool_space.ask_epochs, deadline_s=DEADLINE_S)
    try:
        return keep_epochs(told, urlsplit(url).netloc)
    except Garbled as why:
        raise NoAnswer("garbled", str(why)) from why


@transaction.atomic
def keep_epochs(told: Iterable[Epoch], source: str) -> int:
    """How many were new. Raises Garbled, and keeps none, where one is kept with another difficulty."""
    kept = {epoch.number: epoch for epoch in DifficultyEpoch.objects.all()}
    fresh = []
    for epoch in told:
        known = kept.get(epoch.number)
        if known is None:
            fresh.append(DifficultyEpoch(
                number=epoch.number, start_at=epoch.start_at, difficulty=epoch.difficulty, source=source[:200]
            ))  # fmt: skip
        elif abs(known.difficulty - epoch.difficulty) > 1e-6 * known.difficulty:
            raise Garbled(
                f"epoch {epoch.number} is kept with difficulty {known.difficulty:g}, not {epoch.difficulty:g}"
            )
    return len(DifficultyEpoch.objects.bulk_create(fresh))


def keep_days(now: datetime) -> int:
    """Makes the mean reward of every late day that is over and was read; how many were new."""
    today = midnight(now.astimezone(UTC).date())
    over = NetworkReading.objects.filter(observed_at__lt=today, observed_at__gte=today - LOOK_BACK)
    days = over.annotate(day=TruncDate("observed_at", tzinfo=UTC)).values("day").annotate(reward=Avg("reward_sat"))
    known = set(RewardDay.objects.values_list("day", flat=True))
    fresh = [(row["day"], int(row["reward"])) for row in days.order_by("day") if row["day"] not in known]
    rows = [
        RewardDay(day=day, source="readings of the network", **split(day, reward)._asdict()) for day, reward in fresh
    ]
    return len(RewardDay.objects.bulk_create(rows, ignore_conflicts=True))


def split(day: date, reward_sat: int) -> Reward:
    """Subsidy and fees of a mean reward; the subsidy follows from the epoch's height."""
    epoch = DifficultyEpoch.objects.filter(start_at__lt=midnight(day) + DAY).order_by("-number").first()
    halvings = epoch.number * BLOCKS_PER_EPOCH // BLOCKS_PER_HALVING if epoch else halvings_of(reward_sat)
    subsidy = SUBSIDY_SAT >> halvings
    return Reward(min(subsidy, reward_sat), max(0, reward_sat - subsidy))


def halvings_of(reward_sat: int) -> int:
    """The least number of halvings whose subsidy is not above the reward."""
    return next(number for number in range(64) if SUBSIDY_SAT >> number <= max(reward_sat, 0))


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


# What is asked of it


def difficulties(start_at: datetime, end_at: datetime) -> list[tuple[datetime, float]]:
    """Each difficulty and since when it held, from the one in force at start_at on, oldest first.

    Of kept epochs; where those end, the changes that readings of the network show, up to a reading late.
    """
    kept = DifficultyEpoch.objects.filter(start_at__lt=end_at).order_by("-start_at")
    first = kept.filter(start_at__lte=start_at).first()
    found = dict(kept.filter(start_at__gte=first.start_at if first else start_at).values_list("start_at", "difficulty"))
    newest = max(found, default=start_at - 14 * DAY)
    return sorted((changes(newest, end_at) | found).items())


CHANGES: Final = """
SELECT observed_at, difficulty FROM (
    SELECT observed_at, difficulty, lag(difficulty) OVER (ORDER BY observed_at) AS before
    FROM compute_networkreading WHERE observed_at >= %s AND observed_at < %s
) AS told WHERE before IS NULL OR abs(difficulty - before) > %s * before ORDER BY observed_at
"""


def changes(start_at: datetime, end_at: datetime) -> dict[datetime, float]:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, [start_at, end_at, SAME])
        return dict(cursor.fetchall())


def rewards(first: date, last: date) -> dict[date, Reward]:
    """Of each day that is known, `last` included; of a running day by what was read so far."""
    rows = RewardDay.objects.filter(day__gte=first, day__lte=last)
    found = {row.day: Reward(row.subsidy_sat, row.fee_sat) for row in rows}
    since = NetworkReading.objects.filter(observed_at__gte=midnight(first), observed_at__lt=midnight(last) + DAY)
    days = since.annotate(day=TruncDate("observed_at", tzinfo=UTC)).values("day").annotate(reward=Avg("reward_sat"))
    return {row["day"]: split(row["day"], int(row["reward"])) for row in days if row["day"] not in found} | found


# Former years, out of files


EPOCH_COLUMNS: Final = ("epoch", "start_time_utc_est", "difficulty")
DAY_COLUMNS: Final = ("date", "blocks", "subsidy_btc", "fees_btc")


def load(body: bytes, source: str) -> tuple[int, str]:
    """Keeps a CSV of epochs or of days, told apart by its columns: how many rows were new, and what they are.

    Epochs: epoch, start_time_utc_est (ISO 8601), difficulty.   Days: date, blocks, subsidy_btc and fees_btc, both of
    all its blocks.   Raises Garbled, and keeps nothing.
    """
    try:
        table = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Garbled(f"no CSV in UTF-8: {error}") from error
    names = set(table[0]) if table else set()
    if names >= set(EPOCH_COLUMNS):
        told = [_epoch(row, line) for line, row in enumerate(table, 2)]
        return keep_epochs(told, source), "difficulty epochs"
    if names >= set(DAY_COLUMNS):
        days = [_day(row, line, source) for line, row in enumerate(table, 2)]
        before = RewardDay.objects.count()
        RewardDay.objects.bulk_create(days, ignore_conflicts=True)
        return RewardDay.objects.count() - before, "days of rewards"
    raise Garbled(f"no rows with the columns {', '.join(EPOCH_COLUMNS)}, nor with {', '.join(DAY_COLUMNS)}")


def _epoch(row: Mapping[str, Any], line: int) -> Epoch:
    try:
        start_at = datetime.fromisoformat(row["start_time_utc_est"].replace("Z", "+00:00"))
        epoch = Epoch(number=int(row["epoch"]), start_at=start_at, difficulty=float(row["difficulty"]))
    except (ValueError, TypeError, AttributeError) as error:
        raise Garbled(f"line {line}: {error}") from error
    if (
        not 0 <= epoch.number < 10_000
        or start_at.tzinfo is None
        or not DIFFICULTY[0] <= epoch.difficulty <= DIFFICULTY[1]
    ):
        raise Garbled(f"line {line}: no epoch, time with an offset, and difficulty that can be")
    return epoch


def _day(row: Mapping[str, Any], line: int, source: str) -> RewardDay:
    try:
        blocks = int(row["blocks"])
        amounts = [Decimal(row[name]) * SATS_PER_BTC / blocks for name in ("subsidy_btc", "fees_btc")]
        day = date.fromisoformat(row["date"])
    except (ValueError, TypeError, ArithmeticError, InvalidOperation) as error:
        raise Garbled(f"line {line}: {error or 'no day, blocks and amounts'}") from error
    if not all(amount.is_finite() and 0 <= amount <= SUBSIDY_SAT for amount in amounts):
        raise Garbled(f"line {line}: amounts that no block has")
    return RewardDay(day=day, subsidy_sat=round(amounts[0]), fee_sat=round(amounts[1]), source=source[:200])
