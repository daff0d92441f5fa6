"""An order that takes two people takes the password of each again, on the page and by REST."""

import pytest
from django.test import Client

from compute.models import CommandPolicy, Order
from tests.compute.commands.worlds import asked, heard_world
from tests.web.callers import by_session
from tests.worlds import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def large():
    """Ada's order above the limit of the site, and Bo with an open browser."""
    world = heard_world()
    CommandPolicy.objects.create(site=world.pecos, requester="operator", two_person_above_kw=10)
    return asked(world), by_session(world.bo)


def said_again(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def words_for(order: Order) -> int:
    return order.approvals.count()


def test_an_open_browser_alone_approves_nothing_large(large):
    order, bo = large

    answer = bo.post(f"/commands/{order.pk}/approve/")

    assert answer["Location"] == f"/accounts/reauthenticate/?next=%2Fcommands%2F{order.pk}%2F"
    assert words_for(order) == 0
    assert "say again that it is you" in bo.get(f"/commands/{order.pk}/").text


def test_a_fragment_takes_its_page_there(large):
    order, bo = large

    answer = bo.post(f"/commands/{order.pk}/approve/", HTTP_HX_REQUEST="true")

    assert answer["HX-Redirect"].startswith("/accounts/reauthenticate/")


def test_after_the_password_it_counts(large):
    order, bo = large
    said_again(bo)

    bo.post(f"/commands/{order.pk}/approve/")

    assert words_for(order) == 1


def test_rest_asks_for_the_same(large):
    order, bo = large
    path = f"/api/v1/commands/{order.pk}/approve/"

    refused = bo.post(path, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")

    said_again(bo)
    assert bo.post(path, {}, content_type="application/json").status_code == 200
    assert words_for(order) == 1


def test_to_stop_it_needs_no_password(large):
    order, bo = large

    bo.post(f"/commands/{order.pk}/stop/", {"reason": "too large"})

    order.refresh_from_db()
    assert order.state == "stopped"


def test_an_order_that_takes_one_needs_none():
    world = heard_world()
    order = asked(world)

    by_session(world.bo).post(f"/commands/{order.pk}/approve/")

    assert words_for(order) == 1
