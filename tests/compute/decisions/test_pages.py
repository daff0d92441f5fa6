"""The pages and endpoints of switching: who sees what, who may decide, and what they cost the database."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cango_ops.base import clock
from compute.decisions.propose import plan_one
from compute.models import Decision, Plan
from sites.models import Site
from tests.compute.commands.worlds import second_manager
from tests.compute.decisions.worlds import let_console_ask, market_world
from tests.web.callers import by_key, by_session, by_sure_session, key_of

pytestmark = pytest.mark.django_db
PAGES = ("", "panel/", "chart/", "what-if/")


@pytest.fixture
def world():
    made = market_world(5000.0)
    plan_one(made.pecos, clock.now())
    return made


def decision() -> Decision:
    return Decision.objects.get()


def test_the_queue_says_what_waits_and_what_it_is_worth(world):
    page = by_session(world.bo).get("/switching/")
    assert page.status_code == 200
    assert b"1 decision waits" in page.content
    assert b"power costs $5,000" in page.content
    assert b"Approve" in page.content


def test_who_may_not_decide_sees_no_button(world):
    assert b"Approve" not in by_session(world.ada).get("/switching/").content


def test_a_foreign_site_is_not_there(world):
    for tail in PAGES:
        assert by_session(world.cy).get(f"/sites/PECOS/switching/{tail}").status_code == 404
    assert b"PECOS" not in by_session(world.cy).get("/switching/").content
    for verb in ("approve", "refuse", "hold"):
        assert by_session(world.cy).post(f"/switching/{decision().pk}/{verb}/").status_code == 404
    assert decision().state == "proposed"


@pytest.mark.parametrize("tail", PAGES)
def test_each_part_of_a_site_answers(world, tail):
    assert by_session(world.ada).get(f"/sites/PECOS/switching/{tail}").status_code == 200
    assert by_session(world.bo).get(f"/sites/GHOST/switching/{tail}").status_code == 200


def test_times_stand_in_the_zone_of_the_site_or_in_the_one_chosen(world):
    its_own = by_session(world.ada).get("/sites/PECOS/switching/").content.decode()
    chosen = by_session(world.ada).get("/sites/PECOS/switching/?zone=utc").content.decode()

    assert '<body data-zone="America/Chicago"' in its_own
    assert '<body data-zone="UTC"' in chosen
    assert 'hx-get="/sites/PECOS/switching/panel/?zone=utc"' in chosen


def test_the_site_says_what_a_megawatt_hour_is_worth(world):
    page = by_session(world.ada).get("/sites/PECOS/switching/").content.decode()
    assert "What a megawatt-hour is worth here now" in page
    # A machine earns 40 * 0.2 / 24 USD/h with 3.5 kW and 5 % of losses: 90.70 USD/MWh, less 5,000.
    assert "−4,909.30" in page


def test_the_chart_holds_quarter_hours_of_the_plan(world):
    answer = by_session(world.ada).get("/sites/PECOS/switching/chart/").json()
    assert len(answer["times"]) == 192
    assert answer["columns"]["mining_mw"][0] == 0.0
    assert answer["columns"]["price_usd_mwh"][0] is None


def test_what_if_solves_again_at_other_prices(world):
    answer = by_session(world.ada).get("/sites/PECOS/switching/what-if/?hashprice=400&power=-90")
    page = strip_tags(answer.content.decode())
    # 40 * 5 = 200 USD/PH/day; 500 USD/MWh of power against 453.5.
    assert "$200.00/PH/day, now $40.00/PH/day" in page
    assert "$500.00/MWh, now $5,000.00/MWh" in page


@pytest.mark.parametrize("asked", ["hashprice=x", "power=99999999", "btc=-5000", "ai=%00"])
def test_what_is_no_percentage_is_no_change_or_the_last_one(world, asked):
    assert by_session(world.ada).get(f"/sites/PECOS/switching/what-if/?{asked}").status_code == 200


def test_approving_by_the_button_goes_back_to_the_queue(world):
    answer = by_sure_session(world.bo).post(f"/switching/{decision().pk}/approve/")
    assert (answer.status_code, answer["Location"]) == (302, "/switching/")
    assert decision().approvals.count() == 1


def test_a_refusal_by_the_site_goes_back_to_the_site(world):
    answer = by_session(world.bo).post(f"/switching/{decision().pk}/refuse/", {"from": "site", "reason": "no"})
    assert answer["Location"] == "/sites/PECOS/switching/"
    assert decision().state == "refused"


def test_who_may_not_decide_is_told_so(world):
    client = by_session(world.ada)
    client.post(f"/switching/{decision().pk}/approve/")
    assert b"does not allow deciding" in client.get("/switching/").content
    assert decision().state == "proposed"


# REST


def approve(client: Client, verb: str = "approve"):
    return client.post(f"/api/v1/decisions/{decision().pk}/{verb}/", {"reason": "x"}, content_type="application/json")


def test_a_person_decides_by_rest(world):
    answer = approve(by_sure_session(world.bo))
    assert (answer.status_code, answer.json()["approvals"]) == (200, 1)
    assert approve(by_session(world.bo), "refuse").json()["state"] == "refused"
    assert approve(by_sure_session(second_manager())).status_code == 409


def test_a_decision_is_put_aside_by_rest(world):
    answer = approve(by_session(world.bo), "hold").json()
    held_min = (decision().held_until - clock.now()).total_seconds() / 60
    assert (answer["state"], round(held_min)) == ("held", 30)


def test_what_takes_two_takes_the_password_of_each_again(world):
    client = by_session(world.bo)

    page, rest = client.post(f"/switching/{decision().pk}/approve/"), approve(client)

    assert page["Location"] == f"/accounts/reauthenticate/?next=%2Fswitching%2F{decision().pk}%2F"
    assert (rest.status_code, rest.json()["code"]) == (403, "sign_in_again")
    assert decision().approvals.count() == 0


def test_what_takes_one_needs_no_password():
    made = market_world(5000.0)
    let_console_ask(made)
    plan_one(made.pecos, clock.now())

    assert approve(by_session(made.bo)).json()["approvals"] == 1


def test_a_person_puts_a_decision_aside_by_rest(world):
    answer = approve(by_session(world.bo), "hold")
    assert (answer.status_code, answer.json()["state"]) == (200, "held")
    assert approve(by_session(world.bo), "hold").status_code == 409


@pytest.mark.parametrize("minutes", [0, 1441, "x"])
def test_a_hold_by_rest_lasts_from_a_minute_to_a_day(world, minutes):
    client, said = by_session(world.bo), {"reason": "x", "minutes": minutes}
    address = f"/api/v1/decisions/{decision().pk}/hold/"
    assert client.post(address, said, content_type="application/json").status_code == 400
    assert decision().state == "proposed"


@pytest.mark.parametrize("verb", ["approve", "refuse", "hold"])
def test_no_token_decides(world, verb):
    assert approve(by_key(key_of(world.bo, scopes=("read", "write"))), verb).status_code == 403
    assert decision().state == "proposed"


def test_rest_keeps_to_rights(world):
    for verb in ("approve", "refuse", "hold"):
        assert approve(by_session(world.ada), verb).status_code == 403
        assert approve(by_session(world.cy), verb).status_code == 404


def test_plans_are_listed_with_what_they_were_made_from(world):
    (row,) = by_session(world.ada).get("/api/v1/plans/?site=PECOS").json()["results"]
    assert row["source"] == "solver"
    assert {fact["name"] for fact in row["facts"]} >= {"hashprice", "machines", "price of ERCOT-WEST"}


# Cost


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


@pytest.mark.parametrize("address", ["/switching/", "/switching/chart/", "/api/v1/plans/", "/api/v1/decisions/"])
def test_more_sites_and_decisions_cost_no_more_queries(world, address):
    client = by_session(world.bo)
    few = queries(client, address)
    more_sites(world, 10)
    assert queries(client, address) == few


def more_sites(world, count: int) -> None:
    now = clock.now()
    plan = Plan.objects.get()
    for number in range(count):
        site = Site.objects.create(
            code=f"S{number}", name=f"S{number}", operator=world.company, region=world.pecos.region, kind="owned",
            time_zone="UTC", capacity_mw=1,
        )  # fmt: skip
        made = Plan.objects.create(site=site, made_at=now, begin_at=plan.begin_at, schedule=plan.schedule, facts=[])
        Decision.objects.create(
            site=site, plan=made, direction="stop", sentence="stop", gain_usd=50, usd_per_h=25, change_mw=-1.0,
            proposed_at=now, until_at=now + timedelta(hours=2), not_after=now + timedelta(minutes=30),
            approvals_needed=1, ruling="", request_id=uuid.uuid4(),
        )  # fmt: skip
