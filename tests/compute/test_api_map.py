"""A site's map by REST."""

import uuid

import pytest

from cango_ops.base.models import AuditEvent
from compute.map_file.exchange import exported
from compute.models import Device, MapChange
from sites.models import Membership, Role
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
MAP = "/api/v1/sites/PECOS/map/"


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def writer(world):
    return by_key(key_of(world.bo, scopes=("read", "write")))


def post(client, content: str, *, key: object = None, query: str = "", kind: str = "text/csv"):
    headers = {"Idempotency-Key": str(key)} if key else {}
    return client.post(MAP + query, content.encode(), content_type=kind, headers=headers)


def without_last(world) -> str:
    return "\r\n".join(exported(world.pecos).split("\r\n")[:-2])


def test_the_map_is_a_file_with_a_mark(world, writer):
    answer = writer.get(MAP)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode() == exported(world.pecos)
    assert writer.get(MAP, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_dry_run_says_what_would_change_and_changes_nothing(world, writer):
    answer = post(writer, without_last(world), query="?dry_run=true")

    assert answer.json() == {
        "applied": False,
        "counts": {"added": 0, "changed": 0, "moved": 0, "removed": 1},
        "changes": [{"kind": "removed", "place": "C1/4", "words": "127.7.0.4:4028 antminer Antminer S21"}],
        "containers": [],
        "notes": [],
    }
    assert world.c1.devices.count() == 4
    assert not MapChange.objects.exists()


def test_a_file_is_applied_once_however_often_it_is_sent(world, writer):
    key, content = uuid.uuid4(), without_last(world)

    answers = [post(writer, content, key=key).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert (answers[0]["applied"], answers[0]["counts"]["removed"]) == (True, 1)
    assert world.c1.devices.count() == 3
    assert AuditEvent.objects.filter(verb="apply_map").count() == 1


def test_an_id_used_for_another_file_is_a_conflict(world, writer):
    key = uuid.uuid4()
    post(writer, without_last(world), key=key)

    answer = post(writer, exported(world.pecos) + "\r\n", key=key)

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_everything_wrong_is_named_by_line_and_column(world, writer):
    wrong = exported(world.pecos).replace("127.7.0.2", "8.8.8.8").replace("C1,asic,4,6,4,", "C1,asic,4,6,99,")

    answer = post(writer, wrong, key=uuid.uuid4())

    assert answer.status_code == 400
    assert answer.json()["parameters"] == [
        {"name": "Line 3, address", "reason": "8.8.8.8 is outside the site's address ranges."},
        {"name": "Line 5, slot", "reason": "expected a slot from 1 to 24."},
    ]
    assert world.c1.devices.count() == 4


@pytest.mark.parametrize("key", [None, "nonsense"])
def test_a_write_needs_an_id_made_by_its_sender(world, writer, key):
    answer = post(writer, without_last(world), key=key)
    assert answer.status_code == 400
    assert answer.json()["parameters"][0]["name"] == "Idempotency-Key"


def test_another_kind_of_content_or_parameter_is_refused(world, writer):
    assert post(writer, "{}", kind="application/json").status_code == 415
    assert post(writer, "", query="?dry_run=maybe").status_code == 400
    assert post(writer, "", query="?dryrun=true").status_code == 400
    assert writer.get(MAP + "?dry_run=true").status_code == 400
    assert post(writer, "", query="?dry_run=true").json()["detail"] == "File: is empty."


def test_it_takes_the_right_the_scope_and_the_site(world):
    key, content = uuid.uuid4(), without_last(world)
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    for client, status in (
        (by_key(key_of(world.bo, name="r")), 403),
        (by_key(key_of(world.bo, name="m", scopes=("read", "write"), sites=[world.muscat])), 404),
        (by_key(key_of(world.ada, name="o", scopes=("read", "write"))), 403),
        (by_key(key_of(viewer, scopes=("read", "write"))), 403),
        (by_key(key_of(world.cy, scopes=("read", "write"))), 404),
    ):
        assert post(client, content, key=key).status_code == status
        assert post(client, content, query="?dry_run=true").status_code == status
    assert Device.objects.filter(site=world.pecos).count() == 4


def test_a_person_in_a_browser_needs_the_forms_token(world):
    client = by_session(world.bo)
    client.handler.enforce_csrf_checks = True
    assert post(client, without_last(world), key=uuid.uuid4()).status_code == 403
