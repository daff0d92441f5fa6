"""Containers and devices by REST: pages, filters, orderings, and the price of a list."""

from datetime import UTC, datetime

import pytest

from compute.models import Container, Device, DeviceNow
from tests.web.callers import by_session
from tests.worlds import make_devices, make_world

pytestmark = pytest.mark.django_db


def walk(client, address: str) -> list[dict]:
    """All rows of a list, page after page."""
    rows = []
    while address:
        page = client.get(address).json()
        rows += page["results"]
        address = page["next"]
    return rows


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 10, 11])
@pytest.mark.parametrize("ordering", ["id", "-id", "language", "-language", "address", "-model", "slot", "-slot"])
def test_walking_the_pages_meets_every_row_once(limit, ordering):
    world = make_world(devices=4)  # 10 machines: equal in language and model, and in slot two or three at a time

    rows = walk(by_session(world.bo), f"/api/v1/devices/?limit={limit}&ordering={ordering}")

    assert sorted(row["id"] for row in rows) == sorted(Device.objects.values_list("pk", flat=True))


def test_rows_come_in_the_order_asked_for():
    world = make_world(devices=4)

    rows = walk(by_session(world.bo), "/api/v1/devices/?ordering=-address&limit=3")

    assert [row["address"] for row in rows] == [
        "127.7.2.2", "127.7.2.1",
        "127.7.1.4", "127.7.1.3", "127.7.1.2", "127.7.1.1",
        "127.7.0.4", "127.7.0.3", "127.7.0.2", "127.7.0.1",
    ]  # fmt: skip


def test_addresses_are_ordered_as_numbers_and_not_as_text():
    world = make_world(devices=0)
    make_devices(world.c1, 12, first_address="127.7.0.1")

    rows = walk(by_session(world.ada), "/api/v1/devices/?ordering=address&limit=5")

    assert [row["slot"] for row in rows] == list(range(1, 13))


def test_a_row_that_appears_on_a_page_already_read_moves_nothing():
    world = make_world(devices=4)
    client = by_session(world.ada)
    first = client.get("/api/v1/devices/?ordering=slot&limit=2").json()
    Device.objects.filter(container=world.c1, slot=1).update(slot=9)
    make_devices(world.c1, 1, first_address="127.7.0.50")

    second = client.get(first["next"]).json()

    assert [row["slot"] for row in second["results"]] == [3, 4]


def test_a_cursor_of_one_ordering_is_refused_by_another():
    client = by_session(make_world().ada)
    following = client.get("/api/v1/devices/?ordering=slot&limit=2").json()["next"]

    answer = client.get(following.replace("ordering=slot", "ordering=-slot"))

    assert answer.status_code == 400
    assert answer.json()["parameters"] == [
        {"name": "cursor", "reason": "belongs to ordering=slot; start again without it."}
    ]


@pytest.mark.parametrize(
    ("filtered", "slots"),
    [
        ("site=PECOS", [1, 2, 3, 4]),
        ("site=NOWHERE", []),
        ("container=C1&language=antminer", [1, 2, 3, 4]),
        ("language=whatsminer_v2", []),
        ("model=Antminer+S21", [1, 2, 3, 4]),
        ("model=Antminer", []),
        ("address=127.7.0.3", [3]),
        ("mac=aa:bb:cc:00:00:02", [2]),
        ("serial=sn-2", [2]),
        ("state=unknown", [1, 3, 4]),
        ("state=critical", [2]),
        ("is_gpu=false", [1, 2, 3, 4]),
        ("is_gpu=true", []),
    ],
)
def test_filters_narrow_the_list(filtered, slots):
    world = make_world()
    DeviceNow.objects.filter(device__container=world.c1, device__slot=2).update(
        mac="AA:BB:CC:00:00:02", serial="SN-2", state="critical", reason="no answer since 12:03 UTC (deadline)"
    )

    rows = walk(by_session(world.ada), f"/api/v1/devices/?{filtered}")

    assert [row["slot"] for row in rows] == slots


def test_a_device_says_where_it_stands_what_it_is_and_how_it_is():
    world = make_world()
    device = Device.objects.get(container=world.c1, slot=2)
    DeviceNow.objects.filter(device=device).update(
        state="warning", reason="board 2 of 3 dead", since=datetime(2026, 3, 1, 12, 0, tzinfo=UTC), vendor="Bitmain"
    )

    assert by_session(world.ada).get(f"/api/v1/devices/{device.pk}/").json() == {
        "id": device.pk,
        "site": "PECOS",
        "container": "C1",
        "container_id": world.c1.pk,
        "slot": 2,
        "address": "127.7.0.2",
        "port": 4028,
        "language": "antminer",
        "model": "Antminer S21",
        "is_gpu": False,
        "gpus": 0,
        "nameplate_ths": 200.0,
        "nameplate_w": 3500.0,
        "state": "warning",
        "reason": "board 2 of 3 dead",
        "since": "2026-03-01T12:00:00Z",
        "vendor": "Bitmain",
        "model_reported": "",
        "firmware": "",
        "mac": "",
        "serial": "",
    }


def test_a_container_comes_with_its_totals():
    world = make_world()

    said = by_session(world.ada).get(f"/api/v1/containers/{world.c1.pk}/").json()

    assert (said["site"], said["code"], said["rows"], said["columns"]) == ("PECOS", "C1", 4, 6)
    assert said["totals"]["devices"] == 4
    assert said["totals"]["deployed_ths"] == 800.0
    assert said["totals"]["state"] == "unknown"
    assert said["totals"]["hashrate_ths"] is None


def test_the_fleet_says_how_many_of_its_sites_report():
    fleet = by_session(make_world().bo).get("/api/v1/latest/").json()["fleet"]

    assert (fleet["sites_reporting"], fleet["sites"]) == (0, 3)
    assert fleet["hashrate_ths"] is None


@pytest.mark.parametrize(
    "address", ["sites/", "sites/?format=csv", "containers/", "devices/", "devices/?format=csv", "latest/", "me/"]
)
def test_a_longer_list_costs_no_more_queries(address, django_assert_num_queries, django_assert_max_num_queries):
    world = make_world(devices=2)
    client = by_session(world.bo)
    with django_assert_max_num_queries(16) as few:
        client.get(f"/api/v1/{address}")
    for number in range(10):
        box = Container.objects.create(site=world.pecos, code=f"X{number}", kind="asic", rows=4, columns=6)
        make_devices(box, 3, first_address=f"127.8.{number}.1")
        type(world.pecos).objects.create(
            code=f"S{number}", name=f"Site {number}", operator=world.company, region=world.pecos.region, kind="owned",
            time_zone="UTC", capacity_mw=1,
        )  # fmt: skip

    with django_assert_num_queries(len(few.captured_queries)):
        answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200
