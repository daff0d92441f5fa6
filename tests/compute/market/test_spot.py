"""What the spot market asks for is told by page and by REST, once for each instant."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from compute.market import demand
from compute.models import SpotDemand
from tests.sites.web.test_contract import text_of
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
PAGE, API = "/sites/PECOS/gpu-contracts/spot/", "/api/v1/sites/PECOS/spot-demand/"
HOUR = timedelta(hours=1)


@pytest.fixture
def world():
    return make_world()


def on_page(good_for=HOUR, **more):
    said = {"nodes": "7", "usd_per_node_h": "9.5", "good_until": f"{clock.now() + good_for:%Y-%m-%dT%H:%M}"} | more
    return {f"spot-{name}": value for name, value in said.items()}


def by_rest(**more):
    now = clock.now()
    said = {"observed_at": now.isoformat(), "good_until": (now + HOUR).isoformat(), "source": "broker"}
    return {"nodes": 7, "usd_per_node_h": "9.5", **said, **more}


def post(client, body):
    return client.post(API, body, content_type="application/json")


def broker(world, user=None):
    return by_key(key_of(user or world.ada, scopes=("read", "write")))


def test_an_operator_tells_it_on_the_page_and_the_engine_reads_it(world):
    answer = by_session(world.ada).post(PAGE, on_page(), follow=True)

    assert "The spot market asks for 7 more at" in text_of(answer)
    assert "(by ada@example.com," in text_of(answer)
    said = demand.spot(world.pecos, clock.now())
    assert (said.nodes, said.usd_per_node_h) == (7, Decimal("9.5000"))
    assert AuditEvent.objects.get(verb="spot_demand.told").detail["nodes"] == "7"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"good_for": -HOUR}, "good_until", "It is good for at most 92 days after it was seen."),
        ({"good_for": 100 * 24 * HOUR}, "good_until", "It is good for at most 92 days after it was seen."),
        ({"nodes": "-1"}, "nodes", "greater than or equal to 0"),
        ({"usd_per_node_h": "-1"}, "usd_per_node_h", "greater than or equal to 0"),
        ({"usd_per_node_h": "cheap"}, "usd_per_node_h", "Enter a number."),
    ],
)
def test_a_wrong_word_is_said_at_its_field_and_nothing_is_kept(world, changes, field, words):
    answer = by_session(world.ada).post(PAGE, on_page(**changes))

    assert answer.status_code == 400
    assert any(words in one for one in answer.context["page"].spot_form.errors[field])
    assert not SpotDemand.objects.exists()


def test_a_brokers_program_tells_it_once_for_each_instant(world):
    client, body = broker(world), by_rest()

    first, again, other = post(client, body), post(client, body), post(client, body | {"nodes": 8})

    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert client.get(API).json() == [first.json()]
    assert SpotDemand.objects.get().nodes == 7


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"observed_at": "2020-01-01T00:00:00Z"}, "observed_at"),
        ({"good_until": "2020-01-01T00:00:00Z"}, "good_until"),
        ({"nodes": 2**40}, "nodes"),
        ({"usd_per_node_h": "NaN"}, "usd_per_node_h"),
        ({"source": "a\x00"}, "source"),
    ],
)
def test_by_rest_what_is_wrong_is_named(world, more, name):
    answer = post(broker(world), by_rest(**more))
    assert answer.status_code == 400
    assert [one["name"] for one in answer.json()["parameters"]] == [name]


def test_who_may(world):
    assert by_session(world.cy).post(PAGE, on_page()).status_code == 404
    assert post(broker(world, world.cy), by_rest()).status_code == 404
    assert post(by_key(key_of(world.bo)), by_rest()).json()["code"] == "scope_missing"
    world.ada.memberships.update(role="viewer")
    assert by_session(world.ada).post(PAGE, on_page()).status_code == 403
    assert post(broker(world), by_rest()).status_code == 403
    assert not SpotDemand.objects.exists()
