"""What pools list is kept once, from the feed and from files."""

from datetime import date, timedelta

import msgspec
import pytest
import time_machine
from django.db import DatabaseError, transaction

from cango_ops.base.jobs import Job
from cango_ops.base.models import AuditEvent
from cango_ops.wire import Garbled, NoAnswer
from compute.feeds.pools import PROVIDERS
from sites.models import Role
from tests.treasury.production.worlds import NOON, TXID, account, listed, pool, read, setting
from tests.treasury.web.worlds import member
from tests.worlds import make_world
from treasury.models import PoolEarning, PoolPayout, PoolStatement, ReconciliationBreak
from treasury.production import statements

pytestmark = pytest.mark.django_db
TWO = listed(days=[(2, "0.10000000"), (1, "0.20000000")], payouts=[(11, 10_000_000, TXID)])


@pytest.fixture
def company():
    return make_world().company


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    for name, provider in list(PROVIDERS.items()):
        monkeypatch.setitem(PROVIDERS, name, msgspec.structs.replace(provider, pause_s=0.0))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_days_and_payouts_are_kept_once(company, clock):
    assert read(company, TWO) == 3
    assert read(company, TWO) is None
    clock.shift(timedelta(hours=1))
    assert read(company, TWO) == 0

    assert list(PoolEarning.objects.values_list("day", "amount_sat", "shares")) == [
        (date(2025, 10, 6), 10_000_000, 42), (date(2025, 10, 7), 20_000_000, 42),
    ]  # fmt: skip
    assert (PoolPayout.objects.get().key, PoolPayout.objects.get().amount_sat) == (TXID, 10_000_000)
    assert PoolStatement.objects.get().wallet == "pool-hot"


OF_ANTPOOL = {"timestamp": "2025-10-07 01:00:00", "fppsBlockAmount": "0.2", "txId": TXID, "amount": "0.1"}
OF_VIABTC = [
    {"coin": "BTC", "date": "2025-10-07", "total_profit": "0.2"},
    {"id": 7, "coin": "BTC", "amount": "0.1", "tx": TXID, "create_time": 1759798800},
]
OTHERS = {
    "antpool": {"paymentHistoryV2": {"code": 0, "data": {"page": 1, "totalPage": 1, "rows": [OF_ANTPOOL]}}},
    "viabtc": {
        "profit/history": {"code": 0, "data": {"has_next": False, "data": OF_VIABTC[:1]}},
        "payment/history": {"code": 0, "has_next": False, "data": OF_VIABTC[1:]},
    },
}


@pytest.mark.parametrize("provider", OTHERS)
def test_what_the_other_pools_list_is_kept_like_that_of_braiins(company, provider):
    answers = {page: msgspec.json.encode(answer) for page, answer in OTHERS[provider].items()}

    with pool(answers) as (url, _):
        assert statements.read(setting(company, url, provider=provider)) == 2

    assert list(PoolEarning.objects.values_list("day", "amount_sat")) == [(date(2025, 10, 7), 20_000_000)]
    assert list(PoolPayout.objects.values_list("key", "amount_sat")) == [(TXID, 10_000_000)]


def test_a_year_is_asked_for_first_and_then_what_may_have_changed(company, clock):
    with pool(TWO) as (url, asked):
        statements.read(setting(company, url))
        clock.shift(timedelta(days=1))
        statements.read(setting(company, url))

    spans = [head.split()[1].partition(b"?")[2] for head in asked if b"payouts" in head]
    assert spans == [b"from=2024-10-07&to=2025-10-08", b"from=2025-08-24&to=2025-10-09"]


def test_the_running_day_is_not_kept_before_it_is_over(company):
    read(company, listed(days=[(0, "0.05"), (1, "0.20")]))

    assert [row.day for row in PoolEarning.objects.all()] == [date(2025, 10, 7)]


def test_a_pool_that_tells_it_otherwise_later_is_a_break_and_the_first_word_stays(company, clock):
    read(company, TWO)
    clock.shift(timedelta(hours=1))
    read(company, listed(days=[(1, "0.19000000")], payouts=[(11, 9_000_000, TXID)]))

    found = ReconciliationBreak.objects.order_by("off_sat")
    assert [(row.kind, row.off_sat) for row in found] == [("pool_restated", -1_000_000), ("pool_restated", -1_000_000)]
    assert PoolPayout.objects.get().amount_sat == 10_000_000
    clock.shift(timedelta(hours=1))
    read(company, TWO)
    assert {row.state for row in ReconciliationBreak.objects.all()} == {"closed"}


@pytest.mark.parametrize(
    "answers",
    [
        TWO | {"payouts": b'{"onchain":[' + b'{"x":1},' * 2000 + b"{}]}"},
        TWO | {"payouts": TWO["payouts"].replace(b"10000000", b"99999999999999999")},
        TWO | {"rewards": TWO["rewards"].replace(b"0.20000000", b"-1")},
        TWO | {"rewards": b"[]"},
        TWO | {"payouts": b"\xff\x00"},
        listed(payouts=[(1, 5, TXID), (2, 6, TXID)]),
        listed(payouts=[(-999_999, 5, TXID)]),
        listed(days=[(1, "1"), (1, "2")]),
    ],
    ids=["many", "huge", "negative", "wrong type", "noise", "twice", "future", "day twice"],
)
def test_an_absurd_list_is_one_error_and_loses_nothing(company, clock, answers):
    read(company, TWO)
    clock.shift(timedelta(hours=1))

    job = Job()
    with pool(answers) as (url, _):
        statements.read_due([msgspec.to_builtins(setting(company, url))], job)

    kept = (PoolEarning.objects.count(), PoolPayout.objects.count())
    assert kept == (2, 1)
    if job.outcome == "failed":
        assert PoolStatement.objects.get().failing_reason in str(job.detail["why"])


def test_a_pool_that_does_not_answer_is_asked_again_sooner(company):
    with pool({}, status=500) as (url, _), pytest.raises(NoAnswer):
        statements.read(setting(company, url))

    row = PoolStatement.objects.get()
    assert (row.next_at, row.failing_reason) == (NOON + timedelta(minutes=10), "bad_status: HTTP 500")


def test_a_file_is_kept_once_and_on_record(company):
    read(company, listed())
    ted = member("Ted", Role.TREASURER)
    body = b"ref,sat,paid_at\nx1,5,2025-10-01T00:00:00Z\nx2,7,2025-10-02T00:00:00Z\n"

    assert statements.send(ted, account(), body) == (2, 2)
    assert statements.send(ted, account(), body) == (2, 0)
    assert statements.send(ted, account(), b"day,sat\n2025-10-01,9\n") == (1, 1)

    assert AuditEvent.objects.filter(verb="statement sent").count() == 3


def test_a_file_that_says_otherwise_is_refused_whole(company):
    read(company, TWO)
    ted = member("Ted", Role.TREASURER)

    with pytest.raises(Garbled, match="is kept with 10000000 sat, and now told with 9 sat"):
        statements.send(
            ted, account(), f"ref,sat,paid_at\nnew,5,2025-10-01T00:00:00Z\n{TXID},9,2025-10-08T00:00Z".encode()
        )

    assert PoolPayout.objects.count() == 1


def test_the_database_changes_no_statement(company):
    read(company, TWO)

    with pytest.raises(DatabaseError), transaction.atomic():
        PoolPayout.objects.update(amount_sat=1)
