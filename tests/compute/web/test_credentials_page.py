"""The page on which managers set logins, and who may not."""

import pytest
from django.test import Client

from cango_ops.base.models import AuditEvent
from compute import credentials
from compute.models import Credential
from compute.protocols.signing import Login
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import PASSWORD, make_world

pytestmark = pytest.mark.django_db
PAGE = "/sites/PECOS/credentials/"
CANARY = "canary-7f3a"
WISH = {"language": "antminer", "machine": "", "user": "root", "password": CANARY, "token": ""}


@pytest.fixture
def world():
    return make_world()


def signed_in_lately(user) -> Client:
    client = by_session(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_login_is_set_and_never_shown(world):
    client = signed_in_lately(world.bo)

    said = client.post(PAGE, WISH, follow=True).content.decode()

    assert "The login for antminer is set." in said
    assert "bo@example.com" in said
    assert CANARY not in said + client.get("/sites/PECOS/").content.decode()
    assert credentials.login_of(world.c1.devices.get(slot=1)) == Login("root", CANARY)
    assert AuditEvent.objects.get(verb="set_login").actor == "bo@example.com"


def test_what_was_typed_is_not_sent_back_with_a_refusal(world):
    answer = signed_in_lately(world.bo).post(PAGE, WISH | {"machine": "C1/99"})

    assert answer.status_code == 400
    assert "No machine stands there" in answer.content.decode()
    assert CANARY not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("machine", ["C1/1", " C1/4 "])
def test_a_login_may_be_for_one_machine(world, machine):
    said = signed_in_lately(world.bo).post(PAGE, WISH | {"machine": machine}, follow=True).content.decode()

    assert f'href="/sites/PECOS/{machine.strip()}/"' in said
    assert credentials.login_of(world.c1.devices.get(slot=2)) is None


@pytest.mark.parametrize("machine", ["C1", "C1/", "C1/-1", "M1/1", "/", "C1/99999999999"])
def test_a_place_that_is_not_there_is_refused(world, machine):
    assert signed_in_lately(world.bo).post(PAGE, WISH | {"machine": machine}).status_code == 400
    assert not Credential.objects.exists()


def test_languages_without_a_login_are_named(world):
    client = by_session(world.bo)
    assert "No login yet for antminer." in client.get(PAGE).content.decode()
    credentials.keep(world.bo, world.pecos, "antminer", Login("a", "b"))
    assert "No login yet" not in client.get(PAGE).content.decode()


def test_a_login_is_removed(world):
    kept = credentials.keep(world.bo, world.pecos, "antminer", Login("a", "b"))

    answer = signed_in_lately(world.bo).post(f"{PAGE}{kept.pk}/remove/", follow=True)

    assert "The login is removed" in answer.content.decode()
    assert not Credential.objects.exists()


def test_setting_asks_for_the_password_once_more(world):
    answer = by_session(world.bo).post(PAGE, WISH)

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Credential.objects.exists()


def test_those_who_operate_a_site_may_not_and_another_partner_finds_nothing(world):
    kept = credentials.keep(world.bo, world.pecos, "antminer", Login("a", "b"))
    for user, status in ((world.ada, 403), (world.cy, 404)):
        client = signed_in_lately(user)
        assert client.get(PAGE).status_code == status
        assert client.post(PAGE, WISH).status_code == status
        assert client.post(f"{PAGE}{kept.pk}/remove/").status_code == status
    assert "credentials" not in by_session(world.ada).get("/sites/PECOS/").content.decode()
    assert "/sites/PECOS/credentials/" in by_session(world.bo).get("/sites/PECOS/").content.decode()
    assert Credential.objects.count() == 1


def test_a_login_of_another_site_is_not_removed_here(world):
    kept = credentials.keep(world.bo, world.muscat, "antminer", Login("a", "b"))
    assert signed_in_lately(world.bo).post(f"{PAGE}{kept.pk}/remove/").status_code == 404
    assert Credential.objects.count() == 1


def test_nobody_without_a_sign_in_and_no_token_gets_there(world):
    for client in (Client(), by_key(key_of(world.bo, scopes=("read", "write")))):
        assert client.get(PAGE)["Location"].startswith("/accounts/login/")


def test_no_answer_of_the_api_holds_it(world):
    credentials.keep(world.bo, world.pecos, "antminer", Login(CANARY, CANARY, CANARY))
    device = world.c1.devices.get(slot=1).pk
    client = by_session(world.bo)
    for address in ("me", "sites", "devices", f"devices/{device}", f"devices/{device}/reading", "sites/PECOS"):
        assert CANARY not in client.get(f"/api/v1/{address}/").content.decode()
