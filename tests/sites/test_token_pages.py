"""The page of one's own tokens."""

import re

import pytest
from django.test import Client

from sites.models import ApiToken
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import PASSWORD, make_world

pytestmark = pytest.mark.django_db

WISH = {"name": "grafana", "scopes": ["read"], "sites": ["PECOS"], "days": "30"}


def signed_in_lately(user) -> Client:
    client = by_session(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_the_page_lists_my_tokens_and_nobody_elses():
    world = make_world()
    key_of(world.ada, name="mine", sites=[world.pecos])
    key_of(world.bo, name="not mine")

    page = by_session(world.ada).get("/account/tokens/").content.decode()

    assert "mine" in page
    assert "PECOS" in page
    assert "not mine" not in page
    assert "MUSCAT" not in page


def test_nobody_without_a_sign_in_gets_there():
    make_world()

    assert Client().get("/account/tokens/")["Location"].startswith("/accounts/login/")


def test_a_token_does_not_open_the_page():
    assert by_key(key_of(make_world().ada)).get("/account/tokens/").status_code == 302


def test_issuing_asks_for_the_password_once_more():
    world = make_world()

    answer = by_session(world.ada).post("/account/tokens/", WISH)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()


def test_after_the_password_the_token_is_issued_and_its_key_shown_this_once():
    client = signed_in_lately(make_world().ada)

    answer = client.post("/account/tokens/", WISH)

    key = re.search(r"cango_\w{12}_[\w-]{43}", answer.content.decode())[0]
    assert "no-store" in answer["Cache-Control"]
    assert by_key(key).get("/api/v1/me/").json()["sites"] == [{"code": "PECOS", "rights": ["see", "see_system"]}]
    assert key not in client.get("/account/tokens/").content.decode()


def test_a_form_sent_twice_makes_one_token():
    client = signed_in_lately(make_world().ada)
    client.post("/account/tokens/", WISH)

    again = client.post("/account/tokens/", WISH)

    assert again.status_code == 400
    assert "of this name already" in again.content.decode()
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sites": ["GHOST"]}, "not one of the available choices"),
        ({"sites": []}, "Name at least one site"),
        ({"scopes": []}, "This field is required"),
        ({"scopes": ["approve"]}, "not one of the available choices"),
        ({"name": "a\x00b"}, "Null characters are not allowed"),
        ({"name": "x" * 101}, "at most 100 characters"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_beside_its_field(change, said):
    client = signed_in_lately(make_world().ada)

    answer = client.post("/account/tokens/", WISH | change)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_revoking_is_one_press_without_a_password():
    world = make_world()
    key = key_of(world.ada)
    prefix = ApiToken.objects.get().prefix

    answer = by_session(world.ada).post(f"/account/tokens/{prefix}/revoke/", follow=True)

    assert f"cango_{prefix} is revoked" in answer.content.decode()
    assert by_key(key).get("/api/v1/me/").status_code == 401


def test_the_token_of_another_cannot_be_revoked_here():
    world = make_world()
    key_of(world.ada)

    answer = by_session(world.cy).post(f"/account/tokens/{ApiToken.objects.get().prefix}/revoke/")

    assert answer.status_code == 404
    assert ApiToken.objects.get().revoked_at is None
