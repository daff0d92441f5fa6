"""A site's map goes out as a file and comes back in."""

import re
import uuid

import pytest
from django.urls import get_resolver

from cango_ops.base.models import AuditEvent
from compute.map_file import exchange
from compute.map_file.exchange import FileWrong, OutOfDate, apply, exported, looked_at, send
from compute.models import Device, MapChange
from compute.site_map import RESERVED, PlannedContainer, write_containers
from tests.worlds import make_world

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "container,kind,rows,columns,slot,address,port,language,model,serial,mac"


@pytest.fixture
def world():
    made = make_world()
    Device.objects.filter(container=made.c1, slot=1).update(serial="SN-1", mac="02:00:00:00:00:01")
    return made


def lines(world) -> list[str]:
    return exported(world.pecos).splitlines()


def counts(world, *rows: str) -> dict[str, int]:
    return {kind: n for kind, n in looked_at(world.pecos, "\n".join(rows).encode())[1].counts.items() if n}


def applied(world, *rows: str) -> MapChange:
    change = send(world.bo, world.pecos, "\n".join(rows).encode(), uuid.uuid4())
    assert apply(world.bo, change)
    return change


def wrong(world, *rows: str) -> list[str]:
    with pytest.raises(FileWrong) as refused:
        looked_at(world.pecos, "\n".join(rows).encode())
    return list(map(str, refused.value.wrong))


def test_a_map_is_written_line_by_line(world):
    assert lines(world) == [
        HEAD,
        "C1,asic,4,6,1,127.7.0.1,4028,antminer,Antminer S21,SN-1,02:00:00:00:00:01",
        "C1,asic,4,6,2,127.7.0.2,4028,antminer,Antminer S21,,",
        "C1,asic,4,6,3,127.7.0.3,4028,antminer,Antminer S21,,",
        "C1,asic,4,6,4,127.7.0.4,4028,antminer,Antminer S21,,",
    ]


def test_out_in_and_out_again_is_the_same_to_the_byte(world):
    Device.objects.filter(container=world.c1, slot=2).update(model="=cmd|'x'!A1", serial="'quoted")
    world.pecos.containers.create(code="E1", kind="asic", rows=1, columns=2)
    before, rows = exported(world.pecos), list(Device.objects.order_by("pk").values())
    assert "'=cmd|'x'!A1,''quoted" in before

    change = send(world.bo, world.pecos, before.encode(), uuid.uuid4())
    assert change.difference["counts"] == {"added": 0, "changed": 0, "moved": 0, "removed": 0}
    assert apply(world.bo, change)

    assert exported(world.pecos) == before
    assert list(Device.objects.order_by("pk").values()) == rows


def test_a_map_that_was_emptied_comes_back_from_its_file(world):
    before = exported(world.pecos)
    applied(world, HEAD, "Z9,asic,1,1,,,,,,,")
    assert not world.pecos.devices.exists()

    applied(world, *before.splitlines())

    assert exported(world.pecos) == before


def test_the_difference_names_what_is_added_changed_moved_and_removed(world):
    head, first, second, third, _ = lines(world)
    rows = [
        head, "C1,asic,4,6,9" + first.removeprefix("C1,asic,4,6,1"), second.replace("S21", "S21 XP"), third,
        "C2,asic,2,2,1,127.7.0.9,4028,luxos,,,",
    ]  # fmt: skip

    found, diff = looked_at(world.pecos, "\n".join(rows).encode())

    assert [(one.kind, one.place, one.words) for one in diff.changes] == [
        ("changed", "C1/2", "model Antminer S21 -> Antminer S21 XP"),
        ("removed", "C1/4", "127.7.0.4:4028 antminer Antminer S21"),
        ("moved", "C1/9", "from C1/1, now 127.7.0.1:4028 antminer Antminer S21 SN-1"),
        ("added", "C2/1", "127.7.0.9:4028 luxos"),
    ]
    assert diff.boxes == ["C2 is added: asic, 2 x 2"]
    assert found.notes == []
    assert exported(world.pecos).splitlines() == lines(world)


def test_a_file_is_applied_whole_once_and_goes_on_record(world):
    rows = [*lines(world)[:-1], "C1,asic,4,6,7,127.7.0.7,4028,luxos,,,"]
    change = applied(world, *rows)

    assert not apply(world.bo, change)
    assert set(world.c1.devices.values_list("slot", flat=True)) == {1, 2, 3, 7}
    event = AuditEvent.objects.get(verb="apply_map")
    assert (event.actor, event.target) == ("bo@example.com", "site/PECOS")
    assert (event.detail["added"], event.detail["removed"]) == (1, 1)


def test_two_machines_swap_their_places_in_one_file(world):
    head, first, second, *rest = lines(world)
    one, two = first.removeprefix("C1,asic,4,6,1"), second.removeprefix("C1,asic,4,6,2")
    rows = head, "C1,asic,4,6,1" + two, "C1,asic,4,6,2" + one, *rest

    assert counts(world, *rows) == {"moved": 2}
    applied(world, *rows)

    assert world.c1.devices.get(slot=2).serial == "SN-1"
    assert world.c1.devices.get(slot=2).address == "127.7.0.1"


def test_another_serial_number_in_a_place_begins_a_new_history(world):
    head, first, *rest = lines(world)
    applied(world, head, first.replace("SN-1", "SN-2").replace(":01", ":02"), *rest)

    device = world.c1.devices.get(slot=1)
    assert (device.serial, device.standing_since is not None) == ("SN-2", True)
    assert world.c1.devices.get(slot=2).standing_since is None


def test_a_column_that_is_left_out_keeps_what_stands(world):
    rows = ["container,slot,address,port,language"]
    rows += [f"C1,{slot},127.7.0.{slot},4028,antminer" for slot in range(1, 5)]
    assert counts(world, *rows) == {}


def test_a_map_that_changed_since_is_not_overwritten(world):
    change = send(world.bo, world.pecos, "\n".join(lines(world)[:-1]).encode(), uuid.uuid4())
    Device.objects.filter(container=world.c1, slot=1).update(port=4029)

    with pytest.raises(OutOfDate, match="changed since"):
        apply(world.bo, change)

    assert world.c1.devices.count() == 4
    assert MapChange.objects.get().applied_at is None


def test_a_file_sent_again_with_its_id_is_the_same_and_another_file_is_refused(world):
    one, data = uuid.uuid4(), exported(world.pecos).encode()
    assert send(world.bo, world.pecos, data, one) == send(world.bo, world.pecos, data, one)

    with pytest.raises(OutOfDate, match="another file"):
        send(world.bo, world.pecos, data + b"\r\n", one)
    with pytest.raises(OutOfDate, match="another file"):
        send(world.bo, world.muscat, data, one)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("C 1,,,,1,127.7.0.1,4028,antminer,,,", "container: expected a code of 1 to 16 letters, digits, - and _."),
        ("scan,asic,1,1,1,127.7.0.1,4028,antminer,,,", "container: scan is a word of the console"),
        ("N1,,,,1,127.7.0.1,4028,antminer,,,", "container: is new: give its kind, rows and columns."),
        ("C1,box,4,6,1,127.7.0.1,4028,antminer,,,", "kind: expected one of asic, gpu, mixed."),
        ("C1,asic,0,6,1,127.7.0.1,4028,antminer,,,", "rows: expected a number from 1 to 1000."),
        ("C1,asic,4,6,25,127.7.0.1,4028,antminer,,,", "slot: expected a slot from 1 to 24."),
        ("C1,asic,4,6,,127.7.0.1,4028,antminer,,,", "slot: expected a slot from 1 to 24."),
        ("C1,asic,4,6,1,,4028,antminer,,,", "address: expected an IPv4 address such as 10.20.0.7."),
        ("C1,asic,4,6,1,0x7f.1,4028,antminer,,,", "address: expected an IPv4 address such as 10.20.0.7."),
        ("C1,asic,4,6,1,machine.example,4028,antminer,,,", "address: expected an IPv4 address such as 10.20.0.7."),
        ("C1,asic,4,6,1,10.0.0.1,4028,antminer,,,", "address: 10.0.0.1 is outside the site's address ranges."),
        ("C1,asic,4,6,1,169.254.169.254,80,antminer,,,", "address: 169.254.169.254 is not for machines: link-local"),
        ("C1,asic,4,6,1,127.7.2.1,4028,antminer,,,", "address: 127.7.2.1:4028 stands on another site's map."),
        ("C1,asic,4,6,1,127.7.0.1,70000,antminer,,,", "port: expected a port from 1 to 65535."),
        ("C1,asic,4,6,1,127.7.0.1,4028,klingon,,,", "language: klingon is no language; known are antminer,"),
        ("C1,asic,4,6,1,127.7.0.1,4028,antminer," + "m" * 65 + ",,", "model: longer than 64 characters."),
        ("C1,asic,4,6,1,127.7.0.1,4028,antminer,,,nonsense", "mac: expected a MAC address such as 02:"),
    ],
)
def test_what_cannot_be_is_said_by_line_and_column(world, row, said):
    assert wrong(world, HEAD, row)[0].startswith(f"Line 2, {said}")


def test_duplicates_are_named_with_both_lines(world):
    place = "C1,asic,4,6,{},127.7.0.{},4028,antminer,,{},{}".format
    mac = "02:00:00:00:00:07"

    assert wrong(world, HEAD, place(1, 1, "", ""), place(1, 2, "", "")) == [
        "Line 3, slot: C1/1 stands on line 2 already."
    ]
    assert wrong(world, HEAD, place(1, 1, "", ""), place(2, 1, "", "")) == [
        "Line 3, address: stands on line 2 already."
    ]
    assert wrong(world, HEAD, place(1, 1, "A", ""), place(2, 2, "a", "")) == [
        "Line 3, serial: stands on line 2 already."
    ]
    found, _ = looked_at(world.pecos, "\n".join([HEAD, place(1, 1, "", mac), place(2, 2, "", mac)]).encode())
    assert found.notes == [f"Lines 2, 3 share the MAC {mac}: it is not used to tell these machines apart."]


def test_an_empty_file_does_not_empty_a_map(world):
    assert wrong(world, HEAD) == ["File: holds no container; a map is not emptied by a file."]


def test_another_sites_map_is_untouched(world):
    before = exported(world.ghost), exported(world.muscat)
    applied(world, *lines(world)[:2])
    assert (exported(world.ghost), exported(world.muscat)) == before
    assert exchange.standing_of(world.pecos).places.keys() == {("C1", 1)}


def addresses(resolver=None, before: str = "") -> list[str]:
    """Every address of the console, as its patterns write it."""
    found = []
    for one in (resolver or get_resolver()).url_patterns:
        whole = before + str(one.pattern)
        found += addresses(one, whole) if hasattr(one, "url_patterns") else [whole]
    return found


def test_every_word_of_a_sites_own_pages_is_reserved():
    words = {found[1] for text in addresses() if (found := re.match(r"sites/<slug:\w+>/([a-z-]+)/", text))}

    assert {"map", "scan", "switching"} <= words <= RESERVED


def test_a_word_of_the_console_is_no_container_wherever_the_map_comes_from(world):
    with pytest.raises(ValueError, match="Scan is a word of the console; name the container otherwise"):
        write_containers(world.pecos, [PlannedContainer("Scan", "asic", 1, 1, [])])


def test_a_map_whose_containers_were_all_renumbered_moves_every_machine(world):
    renumbered = [line.replace("C1,", "N1,") for line in lines(world)]

    assert counts(world, *renumbered) == {"moved": 4}


def test_a_mac_of_many_lines_is_told_with_the_first_of_them(world):
    mac = "02:00:00:00:00:09"
    rows = [f"C1,asic,4,8,{slot},127.7.0.{slot},4028,antminer,Antminer S21,,{mac}" for slot in range(1, 25)]

    planned, _ = looked_at(world.pecos, "\n".join([HEAD, *rows]).encode())

    first = ", ".join(str(line) for line in range(2, 22))
    assert planned.notes == [f"Lines {first}, ... share the MAC {mac}: it is not used to tell these machines apart."]


def test_a_file_of_nothing_but_faults_is_told_by_the_first_thousand(world):
    told = wrong(world, HEAD, *(f"C1,asic,4,6,x,127.7.0.1,4028,antminer,,,{n}" for n in range(600)))

    assert told[0] == "File: more than 1000 things are wrong; these are the first."
    assert len(told) == 1001
