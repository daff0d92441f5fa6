"""Who sees what by REST, over every route that exists: objects, lists, totals and counts."""

import pytest

from tests.web.api_routes import ELSEWHERE, OF_A_SITE, OF_NO_SITE, names
from tests.web.callers import CALLERS
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

# What betrays a site in an answer: its code and name, its machines' addresses.
TRACES = {
    "PECOS": ("PECOS", "Pecos", "127.7.0."),
    "MUSCAT": ("MUSCAT", "Muscat", "127.7.1."),
    "GHOST": ("GHOST", "Ghost", "127.7.2."),
}
MACHINES = {"PECOS": 4, "MUSCAT": 3, "GHOST": 2}


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10_000)


def world_of_unequal_sites():
    world = make_world(devices=4)
    world.muscat.devices.filter(slot=4).delete()
    return world


def is_refused(answer) -> None:
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    said = answer.json() | {"instance": ""}  # the address as it was asked for is no news
    for traces in TRACES.values():
        assert not any(trace in str(said) for trace in traces)


def test_every_route_is_asked_by_these_tests():
    asked = {name.split(" of ")[0] for name in [*OF_NO_SITE, *OF_A_SITE]}

    assert names() == asked | set(ELSEWHERE)


@pytest.mark.parametrize("who", CALLERS)
def test_a_foreign_thing_is_not_there(who, subtests):
    world, caller = world_of_unequal_sites(), CALLERS[who]
    client = caller.client(world)

    for route, address in OF_A_SITE.items():
        for site in (world.pecos, world.muscat, world.ghost):
            with subtests.test(route=route, site=site.code):
                answer = client.get(address(site))

                if caller.sites is None:
                    is_refused(answer)
                else:
                    assert answer.status_code == (200 if site.code in caller.sites else 404), answer.content


@pytest.mark.parametrize("who", CALLERS)
def test_no_answer_holds_a_trace_of_a_foreign_site(who, subtests):
    world, caller = world_of_unequal_sites(), CALLERS[who]
    client = caller.client(world)

    for route, address in OF_NO_SITE.items():
        with subtests.test(route=route):
            answer = client.get(address)

            if caller.sites is None:
                is_refused(answer)
            else:
                assert answer.status_code == 200
                said = answer.content.decode()
                foreign = {trace for code in set(TRACES) - caller.sites for trace in TRACES[code]}
                assert not {trace for trace in foreign if trace in said}


@pytest.mark.parametrize("who", [who for who, caller in CALLERS.items() if caller.sites is not None])
def test_counts_are_of_what_is_seen_and_nothing_else(who):
    world, caller = world_of_unequal_sites(), CALLERS[who]
    client, mine = caller.client(world), caller.sites
    machines = sum(MACHINES[code] for code in mine)

    latest = client.get("/api/v1/latest/").json()
    assert latest["fleet"]["sites"] == len(mine)
    assert {row["site"]: row["totals"]["devices"] for row in latest["sites"]} == {code: MACHINES[code] for code in mine}
    assert {row["code"] for row in client.get("/api/v1/sites/").json()["results"]} == mine
    assert len(client.get("/api/v1/containers/").json()["results"]) == len(mine)
    assert len(client.get("/api/v1/devices/").json()["results"]) == machines
    assert {row["code"] for row in client.get("/api/v1/me/").json()["sites"]} == mine


@pytest.mark.parametrize("filtered", ["site=MUSCAT", "container=M1", "address=127.7.1.1"])
def test_a_filter_finds_nothing_foreign(filtered):
    world = make_world()
    client = CALLERS["Ada"].client(world)

    assert client.get(f"/api/v1/devices/?{filtered}").json() == {"next": None, "results": []}


def test_a_cursor_of_another_tenant_opens_nothing():
    world = make_world()
    following = CALLERS["Bo"].client(world).get("/api/v1/devices/?limit=1").json()["next"]

    answer = CALLERS["Cy"].client(world).get(following)

    assert answer.status_code == 200
    assert {row["site"] for row in answer.json()["results"]} == {"GHOST"}
