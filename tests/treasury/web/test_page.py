from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.base import clock
from sites.models import Operator, Role
from tests.treasury.books.worlds import mined
from tests.treasury.web.worlds import make_loan, make_treasury, member
from treasury.books.post import post

pytestmark = pytest.mark.django_db


def page(client, user, address="/treasury/"):
    client.force_login(user)
    return client.get(address)


@pytest.mark.parametrize("address", ["/treasury/", "/treasury/panel/"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.MANAGER])
def test_who_may_not_see_the_books_is_refused(client, role, address):
    assert page(client, member("Ada", role), address).status_code == 403


def test_the_treasurer_of_a_partner_is_refused(client):
    partner = Operator.objects.create(code="partner", name="Partner Mining")

    assert page(client, member("Cy", Role.TREASURER, operator=partner)).status_code == 403


@pytest.mark.parametrize("role", [Role.TREASURER, Role.INVESTOR_RELATIONS, Role.ADMIN])
def test_an_empty_treasury_says_what_is_missing(client, role):
    answer = page(client, member("Ada", role)).content.decode()

    assert "<h1>No bitcoin is booked yet</h1>" in answer
    for words in ("No loan is written down", "No wallet holds coins", "No price was ever read", "it ties"):
        assert words in answer
    assert 'href="/treasury/" aria-current="page"' in answer


def test_the_title_is_the_call_and_what_it_wants(client):
    make_treasury(clock.now())

    answer = page(client, member("Ada", Role.TREASURER)).content.decode()

    # ANT-3: 7,600,000 and twenty nights at 7.2 % over 360: 7,630,400 / (0.7 x 88,000) = 123.87 BTC.
    assert "<h1>ANT-3 called: 23.87 BTC wanted</h1>" in answer
    assert "2 sources agree" in answer
    assert 'title="9,899.87654322 BTC"' in answer


def test_loans_without_a_price_are_shown_and_not_judged(client):
    make_treasury(clock.now() - timedelta(days=2))

    answer = page(client, member("Ada", Role.TREASURER)).content.decode()

    assert 'id="loan-ANT-3"' in answer
    assert "no loan can be judged" in answer


def test_more_loans_and_wallets_ask_no_more_questions(client):
    now, user = clock.now(), member("Ada", Role.TREASURER)
    make_treasury(now)
    page(client, user)
    with CaptureQueriesContext(connection) as few:
        client.get("/treasury/panel/")

    post([mined(f"w{n}", 1, 5, 5, wallet=f"w{n}") for n in range(30)], "test")
    for n in range(5):
        make_loan(f"MORE-{n}", 1, 1000, now.date() - timedelta(days=3))
    with CaptureQueriesContext(connection) as many:
        client.get("/treasury/panel/")

    assert len(many) == len(few)
