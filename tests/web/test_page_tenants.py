"""Every page of the console, asked by people of a partner: nothing of the company's is there, by whatever address.

The addresses come out of the resolver, so a new page is asked as soon as it exists.
"""

import pytest

from compute.models import Order
from sites.models import Membership, Role
from tests.web import api_routes
from tests.web.callers import by_session
from tests.web.test_headers import all_addresses
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db

MAKES = (
    api_routes.order, api_routes.decision, api_routes.alert, api_routes.backtest, api_routes.handover, api_routes.note,
)  # fmt: skip
FOREIGN = ("PECOS", "Pecos", "127.7.0.", "MUSCAT", "Muscat", "127.7.1.")
FILTERS = "site=PECOS&container={box}&scope=site&id=PECOS&operator=cango&q=PECOS&order=money&state=open"


def full_world() -> World:
    """The cast, with an order, a decision, an alert and a back-test of each site of the company."""
    world = make_world()
    for site in (world.pecos, world.muscat):
        for make in MAKES:
            make(site)
    return world


def pages() -> list[str]:
    return [one for one in all_addresses() if not one.startswith(("/api/", "/accounts/", "/health/", "/static/"))]


def with_ids(address: str, world: World) -> str:
    """The address of a thing of the company's: numbers in it are those of its first order, decision and so on."""
    numbers = {
        "/commands/1/": Order.objects.filter(site=world.pecos).first().pk,
        "/alerts/1/": api_routes.alert(world.pecos),
        "/switching/1/": api_routes.decision(world.pecos),
        "/switching/backtest/1/": api_routes.backtest(world.pecos),
        "/handovers/1/": api_routes.handover(world.pecos),
        "/events/notes/1/": api_routes.note(world.pecos),
        "/people/1/": world.ada.pk,
    }
    for stem, number in numbers.items():
        if address.startswith(stem):
            return address.replace("/1/", f"/{number}/", 1)
    return address.replace("/sites/PECOS/PECOS/", f"/sites/PECOS/{world.c1.code}/")


def traces(client, address: str, world: World) -> list[str]:
    """What an answer says of the company: to the page, to its filters, and to a form with the company's things."""
    plain = client.get(address)
    answers = [(plain, "")]
    # Links keep the words of the address, so the code itself is no news in what follows.
    if plain.status_code == 200:
        answers.append((client.get(f"{address}?{FILTERS.format(box=world.c1.pk)}"), "PECOS"))
    if plain.status_code != 404:
        form = {"site": "PECOS", "container": world.c1.pk, "operator": "cango", "reason": "x", "verb": "sleep"}
        answers.append((client.post(address, form), "PECOS"))
    return [trace for answer, asked in answers for trace in said_of_others(answer, asked)]


def said_of_others(answer, asked: str) -> list[str]:
    text = "" if answer.streaming else answer.content.decode(errors="replace")
    text = text.replace(answer.request["PATH_INFO"], "")
    wrong = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    return wrong + [trace for trace in FOREIGN if trace != asked and trace in text]


def partner(world: World, role: str):
    Membership.objects.filter(user=world.cy).update(role=role)
    return by_session(world.cy)


def test_no_page_tells_a_partner_s_admin_of_the_company():
    world = full_world()
    client = partner(world, Role.ADMIN)
    of_sites = [one for one in pages() if not one.startswith("/treasury/")]

    told = {address: traces(client, with_ids(address, world), world) for address in of_sites}

    assert {address: found for address, found in told.items() if found} == {}


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN])
def test_a_page_of_a_thing_of_the_company_s_is_not_there_for_a_partner(role):
    world = full_world()
    client = partner(world, role)
    of_a_thing = [one for one in pages() if ("PECOS" in one or "/1/" in one) and not one.startswith("/treasury/")]

    statuses = {one: client.get(with_ids(one, world)).status_code for one in of_a_thing}

    assert {one: status for one, status in statuses.items() if status not in (404, 405)} == {}


def test_the_company_s_books_are_closed_to_a_partner_s_treasurer():
    world = full_world()
    client = partner(world, Role.TREASURER)

    statuses = {client.get(one).status_code for one in pages() if one.startswith("/treasury/")}

    assert statuses == {403, 405}


def test_these_tests_would_notice():
    world = full_world()
    client = by_session(world.bo)

    assert traces(client, "/", world) != []
    assert traces(client, with_ids("/commands/1/", world), world) != []
