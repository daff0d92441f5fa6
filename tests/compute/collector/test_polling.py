"""One pass over machines on real sockets, with an adapter of few words."""

import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import ClassVar

import pytest

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Limits
from cango_ops.base.switchboard.reach import reach_of
from cango_ops.wire import Ask, Garbled
from compute.collector import plan
from compute.collector.backoff import Memory, Silence
from compute.collector.plan import Question, Target
from compute.collector.polling import Polling
from compute.protocols.reading import Reading, ReadingTalk
from compute.telemetry.polled import Polled
from tests import machines
from tests.machines import Field


class Plain:
    """Answers "<TH/s> <uptime>"; an inspection also says the model."""

    name: ClassVar[str] = "plain"
    port: ClassVar[int] = 1

    def poll(self) -> ReadingTalk:
        raw = yield Ask("numbers", b"numbers")
        try:
            hashrate, uptime = raw.split()
            return Reading(hashrate_ths=float(hashrate), uptime_s=int(uptime))
        except ValueError as error:
            raise Garbled(str(error)) from error

    def inspect(self) -> ReadingTalk:
        reading = yield from self.poll()
        reading.model = "Plain 1"
        return reading


PLAIN = Plain()
LOOPBACK = reach_of([(ip_network("127.0.0.0/8"), ((1, 65535),))])


@pytest.fixture(scope="module")
def field() -> Iterator[Field]:
    with machines.field() as started:
        yield started


class Kept:
    """What was handed on: (site, polled, after how many seconds)."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.batches: list[tuple[int, list[Polled], float]] = []

    def __call__(self, site_id: int, polled: list[Polled]) -> None:
        self.batches.append((site_id, polled, time.monotonic() - self.began))

    def by_device(self) -> dict[int, Polled]:
        return {one.device_id: one for _, polled, _ in self.batches for one in polled}


def target(device_id: int, port: int, site_id: int = 1, container_id: int = 1) -> Target:
    return Target(device_id, site_id, container_id, device_id, "127.0.0.1", port, PLAIN, LOOPBACK)


def polled(made: plan.Plan, memory: Memory | None = None, stop: object = lambda: False) -> tuple[Kept, Polling]:
    kept = Kept()
    with Switchboard(Limits(connect_s=0.5)) as board:
        polling = Polling(board, memory or Memory({}), kept)
        polling.run(made, stop)
    return kept, polling


def asked(*targets: Target) -> plan.Plan:
    return plan.Plan([Question(each) for each in targets])


def test_every_machine_is_handed_on_once_with_what_it_said(field: Field) -> None:
    port = field.put(machines.answers(b"187.5 90000"))
    refused = field.put(machines.closes_at_once)
    garbled = field.put(machines.answers(b"nonsense"))

    kept, polling = polled(asked(target(1, port), target(2, refused), target(3, garbled)))

    found = kept.by_device()
    assert found[1].reading == Reading(hashrate_ths=187.5, uptime_s=90000)
    assert [found[one].failure for one in (1, 2, 3)] == [None, "closed", "garbled"]
    assert abs(found[1].observed_at - time.time()) < 60
    assert polling.counts["polled"] == 3
    assert polling.counts["answered"] == 1
    assert polling.failures == {"closed": 1, "garbled": 1}


def test_slow_machine_holds_up_neither_its_site_nor_another(field: Field) -> None:
    port, slow = field.put(machines.answers(b"187.5 90000")), field.put(machines.answers(b"1 1", after_s=4.0))

    kept, _ = polled(asked(target(1, port), target(2, slow), target(3, port, site_id=2, container_id=2)))

    at = {one.device_id: after_s for _, batch, after_s in kept.batches for one in batch}
    assert at[3] < at[1] < at[2]  # a site that was complete, one that was quiet for half a second, the slow machine
    assert at[1] >= 0.5
    assert at[2] >= 4.0


def test_silence_is_remembered_and_forgotten_with_the_next_answer(field: Field) -> None:
    port, refused = field.put(machines.answers(b"187.5 90000")), field.put(machines.closes_at_once)
    memory = Memory({1: Silence(4, 100.0, 200.0)})

    polled(asked(target(1, port), target(2, refused)), memory)

    assert list(memory.silences) == [2]
    assert memory.silences[2].misses == 1


def test_machine_that_answers_nonsense_is_not_silent(field: Field) -> None:
    memory = Memory({})

    polled(asked(target(1, field.put(machines.answers(b"nonsense")))), memory)

    assert memory.silences == {}


def test_restarted_machine_is_inspected_in_the_same_pass(field: Field) -> None:
    port = field.put(machines.answers(b"187.5 12"))

    kept, polling = polled(asked(target(1, port)), Memory({}, swept_at=time.time() - 20))

    batch = [one for _, each, _ in kept.batches for one in each]
    assert [(one.full, one.reading.model) for one in batch] == [(False, None), (True, "Plain 1")]
    assert polling.inspected == {1}


def test_machine_that_was_away_and_restarted_meanwhile_is_inspected(field: Field) -> None:
    now, port = time.time(), field.put(machines.answers(b"187.5 300"))
    away = Memory({1: Silence(9, since=now - 3600, tried_at=now - 400)}, swept_at=now - 20)
    cut_off = Memory({1: Silence(9, since=now - 200, tried_at=now - 60)}, swept_at=now - 20)

    assert polled(asked(target(1, port)), away)[1].counts["restarted"] == 1
    assert polled(asked(target(1, port)), cut_off)[1].counts["restarted"] == 0


def test_machine_whose_uptime_stands_still_is_not_inspected_each_time(field: Field) -> None:
    port, lately = field.put(machines.answers(b"187.5 12")), set()
    counts = []
    for _ in range(2):
        with Switchboard() as board:
            polling = Polling(board, Memory({}, swept_at=time.time() - 20), Kept(), lately)
            polling.run(asked(target(1, port)), lambda: False)
        counts.append(polling.counts["restarted"])

    assert counts == [1, 0]


def test_machine_that_answers_its_inspection_with_nonsense_has_had_it(field: Field) -> None:
    port = field.put(machines.answers(b"nonsense"))

    _, polling = polled(plan.Plan([Question(target(1, port), inspect=True)]))

    assert polling.inspected == {1}


def test_answer_out_of_a_dark_container_wakes_its_neighbours(field: Field) -> None:
    port = field.put(machines.answers(b"187.5 90000"))
    everybody = [target(one, port) for one in range(1, 41)]
    memory = Memory({one: Silence(9, 100.0, time.time()) for one in range(1, 41)}, swept_at=time.time() - 20)
    made = plan.sweep({1: everybody}, range(1, 41), memory, time.time(), 20.0)

    kept, polling = polled(made, memory)

    assert len(made.questions) == 2
    assert set(kept.by_device()) == set(range(1, 41))
    assert memory.silences == {}
    assert polling.counts["woken"] == 38


def test_stopped_pass_hands_on_what_it_heard_and_counts_the_rest(field: Field) -> None:
    port, hung = field.put(machines.answers(b"187.5 90000")), field.put(machines.hangs)
    end = time.monotonic() + 1.5

    kept, polling = polled(asked(target(1, port), target(2, hung)), stop=lambda: time.monotonic() > end)

    assert set(kept.by_device()) == {1}
    assert polling.counts["not_asked"] == 1
    assert time.monotonic() < end + 20
