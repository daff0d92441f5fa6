"""A page that is rendered once for people of equal rights is each one's own where it speaks of them."""

import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from cango_ops.web import alike
from cango_ops.web.overview import views
from compute.models import Hold
from sites.models import Membership, Role
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(autouse=True)
def shared_for_long(monkeypatch):
    monkeypatch.setattr(views, "SHARED_S", 60.0)


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def rendered(monkeypatch):
    """One entry for each page that was rendered whole."""
    made, plain = [], alike.blank
    monkeypatch.setattr(alike, "blank", lambda *words: made.append(words[1]) or plain(*words))
    return made


def signed_in(name, role=Role.VIEWER, *, strict=False, **place):
    user = make_user(name)
    Membership.objects.create(user=user, role=role, **place)
    client = Client(enforce_csrf_checks=strict)
    client.force_login(user)
    return client


def test_people_of_equal_rights_share_it_and_each_reads_their_own_name(world, rendered):
    ann, ben = (signed_in(name).get("/").text for name in ("Ann", "Ben"))

    assert len(rendered) == 1
    assert ("ann@" in ann, "ben@" in ann) == (True, False)
    assert ("ann@" in ben, "ben@" in ben) == (False, True)
    assert alike.NAME not in ann + ben
    assert alike.TOKEN not in ann + ben


def test_each_has_a_form_token_of_their_own_that_is_taken(world, rendered):
    for name in ("Ann", "Ben"):
        client = signed_in(name, strict=True)
        token = FORM_TOKEN.search(client.get("/").text)[1]

        answer = client.post("/me/theme/", {"theme": "dark", "csrfmiddlewaretoken": token})

        assert answer.status_code in (204, 302)
    assert len(rendered) == 1


def test_another_right_is_another_page(world):
    viewer, operator = (signed_in(name, role).get("/").text for name, role in (("Ann", "viewer"), ("Ben", "operator")))

    assert 'href="/hold/"' not in viewer
    assert 'href="/hold/"' in operator


def test_a_right_that_is_taken_away_takes_the_sites_off_the_next_page(world):
    ann, ben = (signed_in(name, site=world.pecos) for name in ("Ann", "Ben"))
    assert "PECOS" in ann.get("/").text
    assert "PECOS" in ben.get("/").text

    Membership.objects.filter(user__username="ben").delete()

    assert "PECOS" in ann.get("/").text
    assert "PECOS" not in ben.get("/").text


def test_a_theme_is_of_who_chose_it(world):
    ann, ben = signed_in("Ann"), signed_in("Ben")
    ann.get("/")

    ben.post("/me/theme/", {"theme": "dark"})

    assert 'data-theme="dark"' in ben.get("/").text
    assert 'data-theme="dark"' not in ann.get("/").text


def test_a_hold_stands_on_the_very_next_page(world):
    ann = signed_in("Ann")
    assert "nothing leaves" not in ann.get("/").text

    Hold.objects.create(request_id=uuid.uuid4(), placed_by=make_user("Di"), placed_at=timezone.now())

    assert "nothing leaves" in ann.get("/").text
