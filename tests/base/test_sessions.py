"""Both ends of a session, over real requests and the rows in the database."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import F
from django.test import Client

from tests.worlds import PASSWORD, make_user

pytestmark = pytest.mark.django_db
PAGE = "/accounts/2fa/"


@pytest.fixture
def browser():
    client = Client()
    make_user("Ada")
    client.post("/accounts/login/", {"login": "ada@example.com", "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def hours_pass(hours: float) -> None:
    """As if everything had been written so long ago."""
    Session.objects.update(expire_date=F("expire_date") - timedelta(hours=hours))
    for row in Session.objects.all():
        store = type(row).get_session_store_class()()
        kept = store.decode(row.session_data)
        kept["began"] -= hours * 3600
        Session.objects.filter(pk=row.pk).update(session_data=store.encode(kept))


def test_half_a_day_without_a_request_ends_it(browser):
    hours_pass(11.9)
    assert is_in(browser)
    hours_pass(12.1)
    assert not is_in(browser)


def test_who_goes_on_asking_stays_until_two_weeks_are_over(browser):
    for _ in range(30):
        hours_pass(11)
        assert is_in(browser)
    hours_pass(11)
    assert not is_in(browser)


def test_the_next_request_within_ten_minutes_writes_nothing(browser):
    before = Session.objects.get().expire_date

    assert is_in(browser)

    assert Session.objects.get().expire_date == before


def test_a_key_from_before_the_sign_in_opens_nothing_after_it():
    client = Client()
    make_user("Ada")
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["cango_session"] = planted = session.session_key

    client.post("/accounts/login/", {"login": "ada@example.com", "password": PASSWORD})

    assert client.session.session_key != planted
    stranger = Client()
    stranger.cookies["cango_session"] = planted
    assert not is_in(stranger)
