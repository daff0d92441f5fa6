"""Two writers at once, and a connection that goes away: on a database of its own, with real commits."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from compute.models import HotMinute
from compute.telemetry import codec, sitemap, store
from tests.compute.telemetry.sweeps import heard, machine, mining, moment, snapshot
from tests.worlds import make_world

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = int(time.time()) // 60 * 60 - 120


@pytest.fixture(autouse=True)
def _details_at_once(settings):
    settings.TELEMETRY_DETAIL_S = 0
    sitemap.forget()


@pytest.fixture
def world():
    return make_world()


def in_threads(jobs):
    failures = []

    def run(job):
        try:
            job()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failures


def test_writers_of_one_site_lose_nothing_of_each_other(world):
    polls = [
        heard(machine(world.c1, slot), MINUTE + second, mining(100 + second))
        for slot in (1, 2, 3, 4)
        for second in range(6)
    ]

    failures = in_threads(
        [lambda part=polls[n::6]: [store.write(world.pecos.pk, [poll]) for poll in part] for n in range(6)]
    )

    assert failures == []
    frame = codec.decode(bytes(HotMinute.objects.get(minute_at=moment(MINUTE)).frame))
    assert (frame.values[0] / 100).tolist() == [105] * 4
    assert frame.at.tolist() == [MINUTE + 5] * 4


def test_writers_of_different_sites_do_not_block_each_other_for_ever(world):
    jobs = [
        lambda box=box: [
            store.write(box.site_id, [heard(machine(box, 1), MINUTE + second, mining())]) for second in range(10)
        ]
        for box in (world.c1, world.m1, world.g1)
    ]

    assert in_threads(jobs) == []


def test_a_write_that_lost_its_connection_is_done_again(world):
    polls = [heard(machine(world.c1, slot), MINUTE, mining()) for slot in (1, 2)]
    store.write(world.pecos.pk, polls)
    before = snapshot()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]

    def kill():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

    assert in_threads([kill]) == []
    with pytest.raises(OperationalError):
        store.write(world.pecos.pk, polls)
    connection.close()
    store.write(world.pecos.pk, polls)

    assert snapshot() == before
