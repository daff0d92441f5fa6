import uuid

import pytest
from django.test import Client

from compute.commands import hold
from compute.models import Command, Order
from tests.compute.commands.worlds import asked, heard_world, machines, second_manager
from tests.web.callers import by_key, by_session, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return heard_world()


def wish(world, **changes):
    devices = [device.pk for device in machines(world.c1)]
    said = {"request_id": str(uuid.uuid4()), "site": "PECOS", "verb": "sleep", "devices": devices, "reason": "heat"}
    return said | changes


def post(client, path, body):
    return client.post(path, body, content_type="application/json")


def test_a_person_asks_and_asks_again_and_it_is_one_order(world):
    client, body = by_session(world.ada), wish(world)

    first, second = (post(client, "/api/v1/commands/", body) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    said = first.json()
    assert (said["state"], said["promised_w"], said["machines"]) == ("requested", 13_880.0, 4)
    assert said["by_state"] == {"requested": 4}
    assert said["requested_by"] == "ada@example.com"


def test_no_token_asks_or_judges_whatever_its_scopes(world):
    order = asked(world)
    client = by_key(key_of(world.bo, scopes=("read", "write")))

    for path, body in (("commands/", wish(world)), (f"commands/{order.pk}/approve/", {})):
        answer = post(client, f"/api/v1/{path}", body)
        assert answer.status_code == 403
        assert "never by a token" in answer.json()["detail"]
    assert client.get(f"/api/v1/commands/{order.pk}/").json()["state"] == "requested"


def test_approving_takes_the_right_and_another_person(world):
    order = asked(world)
    path = f"/api/v1/commands/{order.pk}/approve/"
    assert post(by_session(world.ada), path, {}).status_code == 403
    assert post(by_session(world.cy), path, {}).status_code == 404

    said = post(by_session(world.bo), path, {}).json()

    assert (said["state"], said["approved_by"]) == ("approved", ["bo@example.com"])


def test_who_comes_too_late_gets_a_conflict(world):
    order = asked(world)
    refused = post(by_session(world.bo), f"/api/v1/commands/{order.pk}/refuse/", {"reason": "no"})
    assert refused.json()["end_reason"] == "refused by bo@example.com: no"

    late = post(by_session(second_manager()), f"/api/v1/commands/{order.pk}/approve/", {})

    assert (late.status_code, late.json()["detail"]) == (409, "It is refused by now (refused by bo@example.com: no).")
    assert post(by_session(world.ada), f"/api/v1/commands/{order.pk}/stop/", {}).status_code == 409


def test_what_cannot_be_asked_for_is_said(world):
    client = by_session(world.ada)
    for change, status in (
        ({"site": "GHOST"}, 400),
        ({"verb": "explode"}, 400),
        ({"devices": []}, 400),
        ({"reason": ""}, 400),
        ({"devices": [device.pk for device in machines(world.g1)]}, 409),
        ({"verb": "power_limit"}, 409),
    ):
        assert post(client, "/api/v1/commands/", wish(world, **change)).status_code == status
    assert not Order.objects.exists()


def test_a_form_of_another_site_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ada)
    assert post(client, "/api/v1/commands/", wish(world)).status_code == 403


def test_machines_of_an_order_can_be_narrowed_and_read_as_csv(world):
    order = asked(world)
    Command.objects.filter(pk=order.commands.first().pk).update(state="failed", reason="refused")
    client = by_key(key_of(world.ada))

    rows = client.get(f"/api/v1/commands/{order.pk}/machines/?state=failed").json()["results"]
    text = client.get(f"/api/v1/commands/{order.pk}/machines/?format=csv").content.decode()

    assert [(row["place"], row["reason"]) for row in rows] == [("PECOS/C1/1", "refused")]
    assert len(text.splitlines()) == 5


def test_a_longer_list_costs_no_more_queries(world, django_assert_num_queries, django_assert_max_num_queries):
    asked(world, device_ids=tuple(device.pk for device in machines(world.c1)[:1]))
    client = by_session(world.ada)
    with django_assert_max_num_queries(14) as few:
        client.get("/api/v1/commands/")
    for device in machines(world.c1)[1:]:
        asked(world, device_ids=(device.pk,))
    with django_assert_num_queries(len(few.captured_queries)):
        assert len(client.get("/api/v1/commands/").json()["results"]) == 4


def test_holds_are_seen_by_those_whom_they_concern(world):
    hold.press(uuid.uuid4(), world.ada, site=world.pecos, reason="smoke")
    assert [row["site"] for row in by_session(world.ada).get("/api/v1/holds/").json()] == ["PECOS"]
    assert by_session(world.cy).get("/api/v1/holds/").json() == []
    hold.press(uuid.uuid4(), world.bo)
    assert [row["site"] for row in by_session(world.cy).get("/api/v1/holds/").json()] == [None]
