"""Pages and REST of back-tests: who sees them, who asks, what a wrong form says."""

import uuid
from pathlib import Path

import pytest
from django.test import Client

from compute.models import Backtest
from compute.replays import run
from tests.compute.replays.worlds import asked, last_days, past_world
from tests.web.callers import by_key, by_session, key_of

pytestmark = pytest.mark.django_db
CASE = Path(__file__).parents[2] / "cases" / "backtest"


@pytest.fixture
def world():
    return past_world()


def form(**changes: object) -> dict:
    first, last = last_days()
    said = {
        "request_id": str(uuid.uuid4()), "site": "PECOS", "first": f"{first}", "last": f"{last}",
        "policies": ["always", "merit"], "lag": "0",
    }  # fmt: skip
    return said | changes


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def ended(world) -> Backtest:
    backtest = asked(world)
    run.run_open()
    backtest.refresh_from_db()
    return backtest


def test_a_manager_asks_and_is_led_to_it(world):
    client, said = by_session(world.bo), form()
    answers = [client.post("/switching/backtest/", said) for _ in range(2)]

    backtest = Backtest.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/switching/backtest/{backtest.pk}/"}
    page = text_of(client.get(f"/switching/backtest/{backtest.pk}/"))
    assert "Pecos: the back-test waits for a worker" in page
    assert 'hx-trigger="every 2s"' in page


def test_a_file_is_taken_instead_of_days(world):
    with (CASE / "west-2024.json").open("rb") as site, (CASE / "west-2024.csv").open("rb") as series:
        said = form(description=site, series=series, first="", last="", policies=["always"])
        assert by_session(world.bo).post("/switching/backtest/", said).status_code == 302
    assert (Backtest.objects.get().source, Backtest.objects.get().steps) == ("west-2024.json", 8614)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first": "", "last": ""}, "Name the first and the last day"),
        ({"policies": []}, "This field is required"),
        ({"site": "GHOST"}, "Ghost: the site was never planned"),
        ({"lag": "99"}, "less than or equal to 24"),
        ({"first": "2020-01-01", "last": "2020-01-03"}, "Only 0 of these 72 hours have a price"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_and_asks_for_nothing(world, changes, words):
    answer = by_session(world.bo).post("/switching/backtest/", form(**changes))
    assert answer.status_code == 400
    assert words.removeprefix("Ghost: ").lower() in text_of(answer).lower()
    assert not Backtest.objects.exists()


def test_results_are_shown_beside_the_merit_order(world):
    page = text_of(by_session(world.ada).get(f"/switching/backtest/{ended(world).pk}/"))
    assert "would have earned most" in page
    assert "Beside merit order" in page
    assert 'class="policy-always"' in page


def test_who_sees_the_site_looks_and_only_a_manager_asks_or_stops(world):
    backtest = asked(world)
    ada, cy = by_session(world.ada), by_session(world.cy)
    assert "You may look" in text_of(ada.get("/switching/backtest/"))
    assert ada.post("/switching/backtest/", form()).status_code == 403
    assert ada.post(f"/switching/backtest/{backtest.pk}/stop/").status_code == 403
    assert cy.get(f"/switching/backtest/{backtest.pk}/").status_code == 404
    assert cy.post(f"/switching/backtest/{backtest.pk}/stop/").status_code == 404
    assert "PECOS" not in text_of(cy.get("/switching/backtest/"))


def test_a_manager_stops_it(world):
    backtest = asked(world)
    by_session(world.bo).post(f"/switching/backtest/{backtest.pk}/stop/")
    backtest.refresh_from_db()
    assert backtest.state == "stopped"


def test_no_more_queries_for_more_back_tests(world, django_assert_max_num_queries):
    ended(world)
    client = by_session(world.bo)
    with django_assert_max_num_queries(14):
        client.get("/switching/backtest/")


# REST


def post(client: Client, path: str, body: dict):
    return client.post(path, body, content_type="application/json")


def test_it_is_asked_for_read_and_stopped_over_rest(world):
    client, body = by_session(world.bo), form(lag=1)
    first, second = (post(client, "/api/v1/backtests/", body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["steps"] == 144

    stopped = post(client, f"/api/v1/backtests/{first.json()['id']}/stop/", {})
    assert stopped.json()["state"] == "stopped"
    assert post(client, f"/api/v1/backtests/{first.json()['id']}/stop/", {}).status_code == 409


def test_months_are_given_as_csv(world):
    answer = by_session(world.ada).get(f"/api/v1/backtests/{ended(world).pk}/months/?format=csv")
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("policy,month,usd,mining_mwh,ai_mwh")
    assert {line.split(",")[0] for line in lines[1:]} == {"always", "merit"}


def test_a_token_reads_and_never_asks(world):
    client = by_key(key_of(world.bo, scopes=("read", "write")))
    assert client.get("/api/v1/backtests/").status_code == 200
    assert post(client, "/api/v1/backtests/", form()).status_code == 403


def test_over_rest_another_partners_site_is_none_that_one_may_see(world):
    answer = post(by_session(world.cy), "/api/v1/backtests/", form())
    assert answer.status_code == 400
    assert not Backtest.objects.exists()
