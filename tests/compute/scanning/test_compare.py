"""What was seen against the map, and who is one and the same machine."""

from compute.scanning.compare import Finding, Standing, findings
from compute.scanning.identity import is_same, shared_macs
from compute.scanning.who import Seen, one_a_machine, spoken_at

S21, S19 = "Antminer S21", "Antminer S19 XP"
MAC1, MAC2, MAC3 = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"


def seen(
    last: int, serial: str = "", mac: str = "", model: str = S21, language: str = "antminer", why: str = ""
) -> Seen:
    return Seen(f"10.0.0.{last}", 4028, language, model, mac, serial, refused=why)


def stands(number: int, last: int, serial: str = "", mac: str = "", model: str = S21, language="antminer") -> Standing:
    return Standing(number, f"C1/{number}", f"10.0.0.{last}", 4028, language, model, mac, serial)


def told(everybody: list[Seen], standing: list[Standing]) -> list[tuple[str, str, str]]:
    """(kind, place on the map, address seen) of each finding."""

    def words(one: Finding) -> tuple[str, str, str]:
        return str(one.kind), one.standing.place if one.standing else "", one.seen.address if one.seen else ""

    return [words(one) for one in findings(everybody, standing)]


def test_a_machine_where_the_map_says_is_known_and_one_that_is_not_on_it_found():
    assert told([seen(1, "A"), seen(2, "B")], [stands(1, 1, "A")]) == [
        ("found", "", "10.0.0.2"), ("known", "C1/1", "10.0.0.1"),
    ]  # fmt: skip


def test_without_an_identity_a_machine_of_the_language_is_taken_for_the_one_of_the_map():
    assert told([seen(1)], [stands(1, 1, "A")]) == [("known", "C1/1", "10.0.0.1")]
    assert told([seen(1, language="braiins", model="")], [stands(1, 1, "A")]) == [("swapped", "C1/1", "10.0.0.1")]


def test_a_machine_that_answers_at_another_address_has_moved():
    assert told([seen(7, "A")], [stands(1, 1, "A")]) == [("moved", "C1/1", "10.0.0.7")]
    assert told([seen(7, mac=MAC1)], [stands(1, 1, mac=MAC1)]) == [("moved", "C1/1", "10.0.0.7")]


def test_two_machines_that_swapped_their_addresses_have_both_moved():
    assert told([seen(1, "B"), seen(2, "A")], [stands(1, 1, "A"), stands(2, 2, "B")]) == [
        ("moved", "C1/1", "10.0.0.2"), ("moved", "C1/2", "10.0.0.1"),
    ]  # fmt: skip


def test_another_machine_at_the_same_address_was_swapped():
    assert told([seen(1, "NEW")], [stands(1, 1, "A")]) == [("swapped", "C1/1", "10.0.0.1")]
    assert told([seen(1, model=S19)], [stands(1, 1)]) == [("swapped", "C1/1", "10.0.0.1")]


def test_a_machine_that_moved_and_left_its_address_to_a_newcomer():
    assert told([seen(1, "NEW"), seen(7, "A")], [stands(1, 1, "A")]) == [
        ("found", "", "10.0.0.1"), ("moved", "C1/1", "10.0.0.7"),
    ]  # fmt: skip


def test_where_nobody_answers_the_machine_has_vanished_and_what_is_no_machine_is_refused():
    assert told([seen(9, why="garbled")], [stands(1, 1, "A")]) == [
        ("vanished", "C1/1", ""), ("refused", "", "10.0.0.9"),
    ]  # fmt: skip


def test_what_answers_in_a_machines_stead_is_told_with_it():
    assert told([seen(1, why="deadline")], [stands(1, 1, "A")]) == [("vanished", "C1/1", "10.0.0.1")]


def test_machines_that_share_a_mac_are_never_taken_for_one_another():
    standing = [stands(1, 1, mac=MAC1), stands(2, 2, mac=MAC1)]

    assert told([seen(7, mac=MAC1), seen(8, mac=MAC1)], standing) == [
        ("found", "", "10.0.0.7"), ("found", "", "10.0.0.8"), ("vanished", "C1/1", ""), ("vanished", "C1/2", ""),
    ]  # fmt: skip
    assert told([seen(1, mac=MAC1), seen(2, mac=MAC1)], standing) == [
        ("known", "C1/1", "10.0.0.1"), ("known", "C1/2", "10.0.0.2"),
    ]  # fmt: skip


def test_a_serial_number_that_answers_twice_moves_nothing():
    assert told([seen(7, "A"), seen(8, "A")], [stands(1, 1, "A")]) == [
        ("found", "", "10.0.0.7"), ("found", "", "10.0.0.8"), ("vanished", "C1/1", ""),
    ]  # fmt: skip


def test_the_serial_number_decides_before_the_mac():
    assert is_same(seen(1, "A", MAC1), seen(2, "A", MAC2)) is True
    assert is_same(seen(1, "A", MAC1), seen(2, "B", MAC1)) is False
    assert is_same(seen(1, "A", MAC1), seen(2, "", MAC1)) is True
    assert is_same(seen(1, "", MAC1), seen(2, "", MAC1, model=S19)) is False
    assert is_same(seen(1, "", MAC1), seen(2, "", MAC1, model="never heard of")) is True
    assert is_same(seen(1, "A"), seen(2, "", MAC1)) is None
    assert is_same(seen(1), seen(2, model=S19)) is False
    assert is_same(seen(1, mac=MAC1), seen(2, mac=MAC1), {MAC1}) is None
    assert is_same(seen(1, "a"), seen(2, "A")) is True


def test_shared_macs_are_those_that_several_show():
    assert shared_macs([seen(1, mac=MAC1), seen(2, mac=MAC1.lower()), seen(3, mac=MAC2), seen(4)]) == {MAC1}


def test_a_machine_with_several_ports_is_one_and_the_side_on_the_map_counts():
    sides = [Seen("10.0.0.1", 9400, "gpu_node"), Seen("10.0.0.1", 8000, "vllm"), Seen("10.0.0.2", 8000, "vllm")]

    assert [(one.address, one.language) for one in one_a_machine(sides, frozenset())] == [
        ("10.0.0.1", "gpu_node"), ("10.0.0.2", "vllm"),
    ]  # fmt: skip
    assert [one.language for one in one_a_machine(sides[:2], frozenset({("10.0.0.1", 8000)}))] == ["vllm"]


def test_a_port_is_tried_in_the_languages_that_are_spoken_there():
    spoken = spoken_at([(23028, "luxos"), (23028, "no language")], {80: 8081})

    assert spoken[23028] == {"luxos"}
    assert {"antminer", "epic"} <= spoken[4028]
    assert {"bitaxe", "elphapex"} <= spoken[8081]
    assert 80 not in spoken
