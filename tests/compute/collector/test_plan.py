"""Whom one sweep asks."""

from compute.collector import plan
from compute.collector.backoff import Memory, Silence
from compute.collector.plan import Target
from compute.protocols import ADAPTERS

NOW = 1_000_000.0
SWEPT = NOW - 20.0


def targets(*device_ids: int, container_id: int = 1) -> list[Target]:
    antminer = ADAPTERS["antminer"]
    return [Target(one, 1, container_id, one, f"127.7.0.{one}", 4028, antminer) for one in device_ids]


def dead(silent_s: float, tried_ago_s: float) -> Silence:
    return Silence(5, NOW - tried_ago_s - silent_s, NOW - tried_ago_s)


def asked(made: plan.Plan) -> list[int]:
    return [question.target.device_id for question in made.questions]


def sweep(containers: dict, memory: Memory, identified: set[int] | None = None) -> plan.Plan:
    ids = {target.device_id for each in containers.values() for target in each}
    return plan.sweep(containers, ids if identified is None else identified, memory, NOW, 20.0)


def test_machines_that_answer_are_asked_before_silent_ones_that_are_due() -> None:
    memory = Memory({1: dead(3000, 299), 3: dead(3000, 10)}, SWEPT)

    made = sweep({1: targets(1, 2, 3, 4)}, memory)

    assert asked(made) == [2, 4, 1]
    assert made.left_alone == 1


def test_first_contact_is_an_inspection() -> None:
    made = sweep({1: targets(1, 2)}, Memory({}), identified={2})

    assert [question.inspect for question in made.questions] == [True, False]


def test_first_contact_with_a_large_fleet_is_spread_over_sweeps() -> None:
    containers = {box: targets(*range(box * 1000, box * 1000 + 250), container_id=box) for box in range(1, 9)}

    made = sweep(containers, Memory({}), identified=set())

    assert len(made.questions) == 2000
    assert sum(question.inspect for question in made.questions) == 1000


def test_dark_container_is_looked_at_by_two_scouts() -> None:
    memory = Memory({one: dead(3000, 10) for one in range(1, 11)}, SWEPT, turn=3)

    made = sweep({1: targets(*range(1, 11))}, memory)

    assert asked(made) == [7, 8]  # the fourth pair
    assert [target.device_id for target in made.asleep[1]] == [1, 2, 3, 4, 5, 6, 9, 10]


def test_container_that_missed_only_once_is_not_dark() -> None:
    memory = Memory({one: Silence(1, SWEPT, SWEPT) for one in range(1, 6)}, SWEPT)

    made = sweep({1: targets(*range(1, 6))}, memory)

    assert asked(made) == [1, 2, 3, 4, 5]
    assert made.asleep == {}


def test_reading_by_hand_asks_everybody_for_everything() -> None:
    made = plan.whole({1: targets(1, 2), 2: targets(9, container_id=2)})

    assert asked(made) == [1, 2, 9]
    assert all(question.inspect for question in made.questions)
