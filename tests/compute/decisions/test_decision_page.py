"""The page of one decision, with the plan beside what could be done without it."""

import pytest

from cango_ops.base import clock
from compute.decisions.propose import plan_one
from compute.models import Decision
from tests.compute.decisions.worlds import market_world
from tests.web.callers import by_session

pytestmark = pytest.mark.django_db
TAILS = ("", "panel/", "chart/")


@pytest.fixture
def world():
    made = market_world(5000.0)
    plan_one(made.pecos, clock.now())
    return made


def address(tail: str = "") -> str:
    return f"/switching/{Decision.objects.get().pk}/{tail}"


@pytest.mark.parametrize("tail", TAILS)
def test_a_decision_is_there_for_those_who_see_its_site(world, tail):
    assert by_session(world.ada).get(address(tail)).status_code == 200
    assert by_session(world.cy).get(address(tail)).status_code == 404
    assert by_session(world.ada).get(f"/switching/{10**15}/{tail}").status_code == 404


def test_it_says_what_it_is_worth_and_who_may_may_answer(world):
    assert b"more than going on as now" in by_session(world.bo).get(address()).content
    assert b"Approve" in by_session(world.bo).get(address()).content
    assert b"Approve" not in by_session(world.ada).get(address()).content


def test_an_answer_there_comes_back_there(world):
    answer = by_session(world.bo).post(address("refuse/"), {"from": "decision"})
    assert answer["Location"] == address()


def test_the_chart_has_the_load_with_it_and_without_it_and_marks_its_ends(world):
    """24 machines of 3.5 kW with 5 % of losses draw 0.0882 MW; at 5,000 USD/MWh all of them sleep."""
    chart = by_session(world.ada).get(address("chart/")).json()

    assert chart["columns"]["mining_mw"][0] == 0.0
    assert chart["columns"]["without_mw"][0] == pytest.approx(0.0882)
    assert [mark["name"] for mark in chart["marks"]] == ["begins", "ends"]
    assert len(chart["times"]) == len(chart["columns"]["price_usd_mwh"])
    assert chart["times"][0] <= chart["marks"][0]["at"] < chart["marks"][1]["at"] <= chart["times"][-1]


def test_an_old_decision_without_the_other_way_is_drawn_without_it(world):
    Decision.objects.update(without={})
    assert "without_mw" not in by_session(world.ada).get(address("chart/")).json()["columns"]
