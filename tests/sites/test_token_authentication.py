"""What a token opens by REST: for how long, with which scopes, at which sites."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sites import rights
from sites.models import ApiToken, Membership, Role
from sites.web.token_authentication import limited
from tests.sites.test_api_tokens import NOW, issue
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def test_a_use_shows_in_the_list():
    world = make_world()
    client = by_key(key_of(world.ada))

    assert client.get("/api/v1/me/").json()["token"]["last_used_at"] is not None


def test_a_revoked_token_is_refused_at_its_next_request():
    world = make_world()
    client = by_key(key_of(world.ada))
    assert client.get("/api/v1/sites/").status_code == 200
    prefix = ApiToken.objects.get().prefix

    assert by_session(world.ada).delete(f"/api/v1/tokens/{prefix}/").status_code == 204

    answer = client.get("/api/v1/sites/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_refused"


def test_a_token_dies_at_its_hour(time_machine):
    time_machine.move_to(NOW, tick=False)
    client = by_key(key_of(make_world().ada))
    time_machine.move_to(NOW + timedelta(days=1, seconds=-1), tick=False)
    assert client.get("/api/v1/me/").status_code == 200

    time_machine.move_to(NOW + timedelta(days=1), tick=False)

    assert client.get("/api/v1/me/").status_code == 401


def test_a_membership_that_ends_ends_for_the_token_too():
    world = make_world()
    client = by_key(key_of(world.ada))
    Membership.objects.filter(user=world.ada).delete()

    assert client.get("/api/v1/sites/").json()["results"] == []


def test_a_token_in_the_address_opens_nothing():
    key = key_of(make_world().ada)

    assert by_key("").get(f"/api/v1/sites/?token={key}").status_code == 401


@pytest.mark.parametrize("header", ["Basic YTpi", "Token {}", "Bearer", "Bearer {} {}", "{}", "bearer\x00{}"])
def test_only_a_bearer_header_is_heeded(header, client):
    key = key_of(make_world().ada)

    answer = client.get("/api/v1/me/", headers={"Authorization": header.format(key, key)})

    assert answer.status_code == 401


def test_a_token_without_the_scope_read_reads_nothing():
    client = by_key(key_of(make_world().ada, scopes=("write",)))

    answer = client.get("/api/v1/sites/")

    assert answer.status_code == 403
    assert answer.json()["code"] == "scope_missing"
    assert "read" in answer.json()["detail"]


def test_a_token_lists_itself_and_no_other():
    world = make_world()
    client = by_key(key_of(world.ada, name="one"))
    key_of(world.ada, name="two")

    assert [row["name"] for row in client.get("/api/v1/tokens/").json()["results"]] == ["one"]
    listed = by_session(world.ada).get("/api/v1/tokens/?ordering=-id").json()["results"]
    assert [row["name"] for row in listed] == ["two", "one"]


def test_no_list_ever_holds_a_key_or_digest():
    world = make_world()
    key_of(world.ada)

    said = by_session(world.ada).get("/api/v1/tokens/").content.decode()

    assert ApiToken.objects.get().digest not in said
    assert "digest" not in said


def test_a_token_ends_itself_whatever_its_scopes_and_no_other():
    world = make_world()
    client = by_key(key_of(world.ada, name="one"))
    own = ApiToken.objects.get().prefix
    key_of(world.ada, name="two")
    other = ApiToken.objects.exclude(prefix=own).get().prefix

    assert client.delete(f"/api/v1/tokens/{other}/").status_code == 404
    assert client.delete(f"/api/v1/tokens/{own}/").status_code == 204
    assert client.get("/api/v1/me/").status_code == 401


def test_a_token_of_another_is_not_there():
    world = make_world()
    key_of(world.ada)
    prefix = ApiToken.objects.get().prefix

    assert by_session(world.cy).delete(f"/api/v1/tokens/{prefix}/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


def test_no_token_may_approve_or_administer():
    world = make_world()
    Membership.objects.create(user=world.bo, role=Role.ADMIN)
    issue(world.bo, scopes=["read", "write"], expires_at=timezone.now() + timedelta(days=1), now=timezone.now())
    assert rights.may(world.bo, rights.APPROVE, world.pecos)

    through_token = limited(ApiToken.objects.select_related("user").get())

    assert not rights.may(through_token, rights.APPROVE, world.pecos)
    assert not rights.may(through_token, rights.ADMINISTER)
    assert rights.may(through_token, rights.OPERATE, world.pecos)


def test_a_reading_token_may_not_operate():
    world = make_world()
    issue(world.ada)

    through_token = limited(ApiToken.objects.select_related("user").get())

    assert rights.may(through_token, rights.SEE, world.pecos)
    assert not rights.may(through_token, rights.OPERATE, world.pecos)


def test_a_token_of_one_site_has_no_rights_at_another():
    world = make_world()
    issue(world.bo, scopes=["read", "write"], sites=[world.muscat])

    through_token = limited(ApiToken.objects.select_related("user").get())

    assert rights.may(through_token, rights.OPERATE, world.muscat)
    assert not rights.may(through_token, rights.OPERATE, world.pecos)
    assert not rights.may(through_token, rights.SEE_SYSTEM)


def test_me_says_who_asks_and_what_is_allowed():
    world = make_world()

    said = by_key(key_of(world.ada)).get("/api/v1/me/").json()

    assert said["email"] == "ada@example.com"
    assert said["token"]["scopes"] == ["read"]
    assert said["sites"] == [{"code": "PECOS", "rights": ["see", "see_system"]}]
    assert by_session(world.ada).get("/api/v1/me/").json() == said | {
        "token": None,
        "sites": [{"code": "PECOS", "rights": ["operate", "see", "see_system"]}],
    }


def test_a_forged_form_cannot_revoke(client):
    world = make_world()
    key_of(world.ada)
    strict = type(client)(enforce_csrf_checks=True)
    strict.force_login(world.ada)

    answer = strict.delete(f"/api/v1/tokens/{ApiToken.objects.get().prefix}/")

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
