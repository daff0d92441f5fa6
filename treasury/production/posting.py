"""Posts the company's payouts into the books, each once, at its fair value when it came."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from django.conf import settings
from django.db.models import F

from cango_ops.wire import Garbled, NoAnswer
from compute.feeds import mempool_space
from compute.market import fetch
from compute.models import NetworkReading
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin
from treasury.models import ClosedMonth, JournalEntry, PoolPayout, PriceMark
from treasury.money import usd_of

ACTOR: Final = "pool payouts"
LOOK_BACK: Final = timedelta(days=400)
MARK_WITHIN: Final = timedelta(days=1)
READING_WITHIN: Final = timedelta(hours=1)
DEADLINE_S: Final = 10.0
# So many are posted in one run; the next one goes on.
MOST: Final = 200


class Price(NamedTuple):
    """price_usd: of a bitcoin at the instant, by whom."""

    price_usd: Decimal
    source: str
    at: datetime


def post_due(now: datetime) -> dict[str, str]:
    """Posts what is not in the books yet; why what remains could not be, by its id there."""
    left = {}
    for payout in waiting(now)[:MOST]:
        why = posted(payout)
        if why:
            left[payout.source_id] = why
    return left


def waiting(now: datetime) -> list[PoolPayout]:
    """The company's payouts that are in no entry, the oldest first."""
    rows = PoolPayout.objects.filter(account__operator__is_company=True, paid_at__gt=now - LOOK_BACK)
    rows = rows.select_related("account__statement").order_by("paid_at", "pk")
    booked = set(JournalEntry.objects.filter(source_id__startswith="payout/").values_list("source_id", flat=True))
    return [row for row in rows if row.source_id not in booked]


def posted(payout: PoolPayout) -> str:
    """Empty, or why it could not be posted."""
    price = price_at(payout.paid_at)
    if price is None:
        return "no price near its time is known"
    wallet, source = payout.account.statement.wallet, payout.source_id
    fact = Acquired(
        payout.paid_at, 0, source, Origin.MINED, wallet, source, payout.amount_sat,
        usd_of(payout.amount_sat, price.price_usd), price.price_usd,
    )  # fmt: skip
    proof = {"pool": payout.account.name, "key": payout.key, "told_by": payout.source,
             "price": {"source": price.source, "at": price.at.isoformat()}}  # fmt: skip
    try:
        return post([fact], ACTOR, {source: proof}, closed_until=closed_until()).refused.get(source, "")
    except Garbled as why:
        return str(why)


def closed_until() -> datetime | None:
    """The end of the last closed month."""
    month = ClosedMonth.objects.filter(reopened_at=None).order_by("-month").values_list("month", flat=True).first()
    if month is None:
        return None
    after = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime(after.year, after.month, 1, tzinfo=UTC)


def price_at(at: datetime) -> Price | None:
    """By a price mark of the day before, else by a reading of the network, else by what its feed says of the past."""
    mark = PriceMark.objects.filter(at__lte=at, at__gt=at - MARK_WITHIN).order_by("-at", "source").first()
    if mark is not None:
        return Price(mark.price_usd, mark.source, mark.at)
    near = NetworkReading.objects.filter(observed_at__lte=at, observed_at__gt=at - READING_WITHIN)
    reading = near.order_by("-observed_at").values_list("price_usd", "source", F("observed_at")).first()
    return Price(*reading) if reading else price_of_the_past(at)


def price_of_the_past(at: datetime) -> Price | None:
    if not settings.NETWORK_URL:
        return None
    try:
        told_at, usd = fetch.talk(
            settings.NETWORK_URL, lambda path: mempool_space.ask_price_at(at, path), deadline_s=DEADLINE_S
        )
    except NoAnswer:
        return None
    if abs(told_at - at) > MARK_WITHIN:
        return None
    return Price(Decimal(str(round(usd, 2))), settings.NETWORK_URL, told_at)
