"""The page and the endpoint of what is planned to be off at a site."""

import pytest

from sites.models import Membership, PlannedWindow, Role
from tests.web.callers import by_session
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.django_db

PAGE = "/sites/PECOS/outages/"


@pytest.fixture
def world():
    return make_world()


def sent(world, **more):
    return {
        "kind": "maintenance", "container": str(world.c1.pk), "begin_at": "2026-10-01T08:00",
        "end_at": "2026-10-01T12:00", "reason": "new fans", **more,
    }  # fmt: skip


def test_an_operator_enters_a_window_and_sees_it(world):
    client = by_session(world.ada)

    answer = client.post(PAGE, sent(world), follow=True)

    assert "Maintenance of PECOS/C1 is entered." in answer.content.decode()
    row = PlannedWindow.objects.get()
    assert (row.place, f"{row.begin_at:%d %H:%M}", row.entered_by) == ("PECOS/C1", "01 08:00", world.ada)


def test_an_overlap_is_said_at_the_form(world):
    client = by_session(world.ada)
    client.post(PAGE, sent(world))

    answer = client.post(PAGE, sent(world, container="", reason="all of it"))

    assert answer.status_code == 400
    assert "It overlaps another window of the same machines" in answer.content.decode()
    assert PlannedWindow.objects.count() == 1


def test_a_window_is_ended_and_taken_back_on_the_page(world):
    client, row = by_session(world.ada), plan_off(world.pecos)
    assert "PECOS is planned to be off now" in client.get(PAGE).content.decode()

    client.post(f"{PAGE}{row.pk}/end/")
    assert "nothing is planned to be off now" in client.get(PAGE).content.decode()

    client.post(f"{PAGE}{row.pk}/withdraw/")
    assert "taken back by ada@example.com" in client.get(PAGE).content.decode()


def test_who_only_looks_sees_no_form_and_changes_nothing(world):
    Membership.objects.create(user=world.cy, site=world.pecos, role=Role.VIEWER)
    client, row = by_session(world.cy), plan_off(world.pecos)

    assert "Enter one" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, sent(world)).status_code == 403
    assert client.post(f"{PAGE}{row.pk}/withdraw/").status_code == 403


def test_another_tenants_windows_are_not_there(world):
    row, client = plan_off(world.pecos), by_session(world.cy)

    assert client.get(PAGE).status_code == 404
    assert client.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert client.get("/api/v1/sites/PECOS/outages/").status_code == 404


def test_the_api_gives_what_the_page_shows(world):
    plan_off(world.pecos, world.c1, kind="relocation", reason="to Muscat")

    (found,) = by_session(world.ada).get("/api/v1/sites/PECOS/outages/").json()

    assert (found["kind"], found["container"], found["reason"]) == ("relocation", "C1", "to Muscat")
    assert found["entered_by"] == "planner@example.com"
    assert found["withdrawn_at"] is None


def test_the_record_of_a_site_says_until_when_all_of_it_is_off(world):
    row = plan_off(world.pecos, reason="transformer")

    found = by_session(world.ada).get("/api/v1/sites/PECOS/").json()

    assert found["maintenance_reason"] == "transformer"
    assert found["maintenance_until"].startswith(f"{row.end_at:%Y-%m-%dT%H:%M}")
