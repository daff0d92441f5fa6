"""Pool accounts read over real sockets, kept, and shown to those they concern."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import time_machine

from cango_ops.base.jobs import Job
from cango_ops.wire import NoAnswer
from compute.feeds.pools import PROVIDERS
from compute.market import pools
from compute.models import PoolAccount, PoolReading
from sites.models import Membership, Role
from tests.compute.feeds.pools.test_pools import BRAIINS
from tests.web.callers import by_session
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)


@pytest.fixture
def world():
    return make_world()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setitem(PROVIDERS, "braiins", msgspec.structs.replace(PROVIDERS["braiins"], pause_s=0.0))


@contextmanager
def pool(answers: dict[str, bytes], status: int = 200, more: bytes = b"") -> Iterator[tuple[str, list[bytes]]]:
    """A pool on loopback, and what it was asked."""
    asked: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            asked.append(head)
            body = next((answer for name, answer in answers.items() if name.encode() in head.split()[1]), b"{}")
            self.wfile.write(b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n" % (status, more, len(body)) + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def setting(world, url: str, **changed: str) -> pools.Setting:
    told = {"name": "Main", "operator": world.company.code, "provider": "braiins", "url": url, "token": "key"} | changed
    return pools.Setting(**told)


def test_an_account_is_read_and_kept(world):
    with time_machine.travel(NOON, tick=False), pool(BRAIINS) as (url, asked):
        pools.read(setting(world, url))

    kept = PoolReading.objects.get()
    assert (kept.account.name, kept.observed_at, kept.balance_sat) == ("Main", NOON, 1_000_000)
    assert kept.workers == [["a", 14.977, True], ["b", 0.0, False]]
    assert len(asked) == 3
    assert f"Host: {url.removeprefix('http://')}".encode() in asked[0]


def test_a_pool_is_not_asked_again_before_its_time(world):
    with time_machine.travel(NOON, tick=False) as clock, pool(BRAIINS) as (url, asked):
        assert pools.read(setting(world, url)) is not None
        clock.move_to(NOON + timedelta(seconds=59))
        assert pools.read(setting(world, url)) is None
        clock.move_to(NOON + timedelta(seconds=60))
        assert pools.read(setting(world, url)) is not None
    assert len(asked) == 6


def test_a_pool_that_refuses_is_left_in_peace_for_longer_and_longer(world):
    waits = []
    with pool({"profile": b'{"detail":"request rate exceeded"}'}) as (url, _):
        now = NOON
        for _ in range(6):
            with time_machine.travel(now, tick=False), pytest.raises(NoAnswer, match="request rate exceeded"):
                pools.read(setting(world, url))
            account = PoolAccount.objects.get()
            waits.append((account.next_at - now).total_seconds())
            now = account.next_at

    assert waits == [120, 240, 480, 960, 960, 960]
    assert (account.failures, account.failing_since) == (6, NOON)


@pytest.mark.parametrize(("said", "wait_s"), [(b"7200", 7200), (b"5", 120)])
def test_a_pool_is_left_alone_for_as_long_as_it_asks_to_be(world, said, wait_s):
    with (
        time_machine.travel(NOON, tick=False),
        pool({}, 429, b"Retry-After: %b\r\n" % said) as (url, _),
        pytest.raises(NoAnswer, match="HTTP 429"),
    ):
        pools.read(setting(world, url))

    assert PoolAccount.objects.get().next_at == NOON + timedelta(seconds=wait_s)


def test_a_web_page_with_status_200_is_no_answer_of_a_pool(world):
    with (
        time_machine.travel(NOON, tick=False),
        pool({"profile": b"<html>We'll be back</html>"}) as (url, _),
        pytest.raises(NoAnswer, match="no JSON object"),
    ):
        pools.read(setting(world, url))


def test_an_absurd_answer_leaves_the_last_good_value_to_grow_old(world):
    with time_machine.travel(NOON, tick=False), pool(BRAIINS) as (url, _):
        pools.read(setting(world, url))
    absurd = BRAIINS | {"profile": BRAIINS["profile"].replace(b"27978", b"9e30")}
    with (
        time_machine.travel(NOON + timedelta(minutes=16), tick=False),
        pool(absurd) as (url, _),
        pytest.raises(NoAnswer, match="a rate of"),
    ):
        pools.read(setting(world, url))

    with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
        standing = pools.standings(list(PoolAccount.objects.all()))[0]
    assert (standing.reading.hashrate_now_ths, standing.state) == (pytest.approx(27.978), "stale")


def test_one_account_that_fails_does_not_stop_the_others(world):
    job = Job()
    with pool(BRAIINS) as (url, _):
        good = {"name": "B", "operator": world.company.code, "provider": "braiins", "url": url}
        bad = [good | {"name": "A", "provider": "nowhere"}, good | {"name": "C", "operator": "nobody"}, {"nam": "D"}]
        pools.read_due([*bad, good], job)

    assert job.detail["read"] == 1
    assert "A: refused: no pool 'nowhere'" in job.detail["why"]
    assert "C: refused: no operator 'nobody'" in job.detail["why"]


def test_readings_are_forgotten_after_their_keeping(world):
    account = PoolAccount.objects.create(name="Main", operator=world.company, provider="braiins")
    for days in (99, 101):
        PoolReading.objects.create(account=account, observed_at=NOON - timedelta(days=days))

    with time_machine.travel(NOON, tick=False):
        pools.read_due([], Job())

    assert PoolReading.objects.count() == 1


def test_an_account_is_seen_only_by_those_who_see_its_operator_whole(world, client):
    account = PoolAccount.objects.create(name="Main", operator=world.company, provider="braiins")
    PoolReading.objects.create(account=account, observed_at=datetime.now(UTC), hashrate_now_ths=5.0, balance_sat=7)
    treasurer = make_user("Tess")
    Membership.objects.create(user=treasurer, role=Role.TREASURER)

    seen = {
        user.username: by_session(user).get("/api/v1/pools/").json()
        for user in (world.bo, world.ada, world.cy, treasurer)
    }

    assert (seen["ada"], seen["cy"]) == ([], [])
    assert (seen["bo"][0]["hashrate_now_ths"], seen["bo"][0]["balance_sat"]) == (5.0, None)
    assert (seen["tess"][0]["balance_sat"], seen["tess"][0]["state"]) == (7, "ok")


def test_the_system_page_shows_the_account_to_whom_it_concerns(world, client):
    PoolAccount.objects.create(name="Main at Braiins", operator=world.company, provider="braiins")
    pages = {}
    for user in (world.bo, world.ada):
        client.force_login(user)
        pages[user.username] = client.get("/system/").content.decode()

    assert "Main at Braiins" in pages["bo"]
    assert "Main at Braiins" not in pages["ada"]
    assert "never read: no figure in dollars is shown" in pages["ada"]
