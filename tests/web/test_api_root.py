"""The doors of the API: its root, its description, the page that shows it, and addresses that do not exist."""

import re
from pathlib import Path

import pytest
from django.test import Client

from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def test_the_root_says_where_everything_is():
    world = make_world()

    addresses = by_session(world.ada).get("/api/v1/").json()

    assert addresses["devices"] == "http://testserver/api/v1/devices/"
    assert all(by_session(world.ada).get(addresses[name]).status_code == 200 for name in ("me", "sites", "docs"))


def test_the_description_is_of_openapi_3_1_and_names_units():
    world = make_world()

    answer = by_key(key_of(world.ada)).get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})

    described = answer.json()
    assert described["openapi"].startswith("3.1")
    assert "operating_ratio" in described["components"]["schemas"]["TotalsRecord"]["properties"]
    assert {"200", "304", "400", "401", "404", "429", "503"} <= set(
        described["paths"]["/api/v1/devices/"]["get"]["responses"]
    )


def test_the_page_of_the_description_asks_for_a_sign_in():
    answer = Client().get("/api/docs/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_every_example_of_the_guide_is_answered(subtests):
    world = make_world()
    client = by_key(key_of(world.bo))
    guide = (Path(__file__).parents[2] / "docs" / "api.md").read_text()

    for address in re.findall(r"\$CANGO/([^\s\"]*)", guide):
        with subtests.test(address=address):
            assert client.get(f"/api/v1/{address}").status_code == 200


def test_the_page_finds_its_description():
    client = by_session(make_world().ada)

    address = re.search(r'data-schema="([^"]+)"', client.get("/api/docs/").content.decode())[1]

    assert client.get(address).json()["info"]["title"] == "Cango Ops"


def test_the_page_of_the_description_needs_nothing_from_elsewhere_and_no_inline_script():
    page = by_session(make_world().ada).get("/api/docs/").content.decode()

    assert "//" not in page.replace("<!doctype", "").replace("://testserver", "")
    assert "<script>" not in page
    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v2/sites/", "/api/v1/nothing/", "/api/v1/sites/PECOS", "/api/v1/devices/x/"]
)
def test_an_address_that_does_not_exist_is_a_problem_too(address):
    answer = Client().get(address)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert answer.json()["instance"] == address


def test_a_method_that_an_address_does_not_take_is_refused_by_name():
    answer = by_session(make_world().ada).post("/api/v1/sites/")

    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"
