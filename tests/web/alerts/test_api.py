"""Alerts by REST: the same rights, pages of them, acknowledging by whom and what may."""

import pytest

from cango_ops.alerts.models import Alert
from tests.web.alerts.worlds import at_site, one_of_each
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def places(client, query: str = "") -> list[str]:
    return [row["place"] for row in client.get(f"/api/v1/alerts/{query}").json()["results"]]


def test_the_api_gives_what_the_page_shows(world):
    one_of_each(world)

    assert places(by_session(world.cy)) == ["GHOST", "Partner Mining", "Collector"]
    assert places(by_key(key_of(world.ada))) == ["PECOS", "Collector"]
    assert places(by_session(world.bo), "?site=MUSCAT") == ["MUSCAT"]
    assert places(by_session(world.cy), "?site=MUSCAT") == []


def test_one_alert_comes_with_its_timeline_and_its_price_as_text(world):
    alert = at_site(world.pecos, usd_per_h="412.50")

    said = by_session(world.ada).get(f"/api/v1/alerts/{alert.pk}/").json()

    assert (said["usd_per_h"], said["events"], said["state"]) == ("412.50", [], "firing")
    assert by_session(world.cy).get(f"/api/v1/alerts/{alert.pk}/").status_code == 404


def test_states_are_those_of_the_page(world):
    at_site(world.pecos, state="pending")
    at_site(world.muscat)

    assert places(by_session(world.bo), "?state=open") == ["MUSCAT"]
    assert places(by_session(world.bo), "?state=pending") == ["PECOS"]
    assert by_session(world.bo).get("/api/v1/alerts/?state=loud").status_code == 400


@pytest.mark.parametrize(
    ("who", "scopes", "status"),
    [("ada", ("read", "write"), 200), ("ada", ("read",), 403), ("bo", ("read", "write"), 200), ("cy", ("write",), 404)],
)
def test_a_token_acknowledges_where_its_scope_and_its_owner_may(world, who, scopes, status):
    alert = at_site(world.pecos)
    client = by_key(key_of(getattr(world, who), scopes=scopes))

    answer = client.post(f"/api/v1/alerts/{alert.pk}/acknowledge/", {"note": "seen"}, content_type="application/json")

    assert answer.status_code == status
    assert (Alert.objects.get().state == "acknowledged") == (status == 200)


def test_the_second_is_told_who_was_first(world):
    alert = at_site(world.pecos)
    by_session(world.ada).post(f"/alerts/{alert.pk}/acknowledge/")
    client = by_key(key_of(world.bo, scopes=("read", "write")))

    answer = client.post(f"/api/v1/alerts/{alert.pk}/acknowledge/", {}, content_type="application/json")

    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("It was taken by ada@example.com at")
