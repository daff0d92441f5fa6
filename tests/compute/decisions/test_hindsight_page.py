"""Months in hindsight, of all the sites that a person sees: on the page and by REST."""

from datetime import date
from decimal import Decimal

import pytest

from cango_ops.base import clock
from compute.models import Hindsight
from compute.web.hindsight.page import hindsight_page
from tests.web.callers import by_session
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def told(site, day: date, earned: int, merit: int | None, **more) -> None:
    usd = {"promised_usd": 90, "always_on_usd": 50, "perfect_usd": 200} | more
    amounts = {name: Decimal(value) for name, value in usd.items()}
    Hindsight.objects.create(
        site=site, day=day, hours=24, missing={}, earned_usd=earned, merit_usd=merit, made_at=clock.now(), **amounts
    )


@pytest.fixture
def world():
    made = make_world()
    told(made.pecos, date(2026, 10, 3), 100, 110)
    told(made.pecos, date(2026, 11, 3), 100, 80)
    told(made.pecos, date(2026, 11, 4), 100, 80)
    told(made.muscat, date(2026, 11, 4), 100, 130)
    return made


def test_the_newest_month_is_shown_what_was_missed_most_first(world):
    page = hindsight_page(world.bo, "")

    assert (page.chosen, page.months) == (date(2026, 11, 1), [date(2026, 11, 1), date(2026, 10, 1)])
    assert [(line.name, line.days) for line in page.lines] == [("MUSCAT", 1), ("PECOS", 2)]
    assert page.lines[0].besides == [Decimal(10), Decimal(-30), Decimal(50)]
    assert page.lines[1].of_perfect == 0.5
    # 300 earned; beside the merit order 20 + 20 - 30.
    assert page.title.startswith("November 2026: $300 earned, $10 above the merit order, 2 of ")


def test_another_month_is_chosen_by_its_name_and_nonsense_shows_the_newest(world):
    october = by_session(world.bo).get("/switching/hindsight/?month=2026-10").content.decode()

    assert "October 2026: $100 earned, $10 under the merit order, 1 of " in october
    assert hindsight_page(world.bo, "2026-13").chosen == date(2026, 11, 1)


def test_what_is_less_than_half_a_dollar_apart_is_no_gain(world):
    Hindsight.objects.update(earned_usd=Decimal("80.10"), merit_usd=Decimal("80.00"))

    assert hindsight_page(world.bo, "").title.startswith("November 2026: $240 earned, as much as by the merit order, ")


def test_a_month_of_which_nothing_is_known_has_no_dollars(world):
    Hindsight.objects.update(earned_usd=None, merit_usd=None)

    page = hindsight_page(world.bo, "")

    assert page.everything.dollars[0] is None
    assert page.title == "November 2026: not enough is known of any hour"


def test_others_see_their_own_sites_alone(world):
    answer = by_session(world.cy).get("/switching/hindsight/")

    assert answer.status_code == 200
    assert b"PECOS" not in answer.content
    assert by_session(world.cy).get("/api/v1/hindsight/days/?site=PECOS").status_code == 404
    assert "PECOS" not in by_session(world.cy).get("/api/v1/hindsight/months/").content.decode()


def test_rest_tells_months_and_days(world):
    client = by_session(world.bo)

    months = client.get("/api/v1/hindsight/months/?month=2026-11&site=PECOS").json()
    days = client.get("/api/v1/hindsight/days/?site=PECOS").json()

    assert [(row["month"], row["days"], row["earned_usd"]) for row in months] == [("2026-11", 2, "200.00")]
    assert [row["day"] for row in days] == ["2026-11-04", "2026-11-03", "2026-10-03"]
    assert client.get("/api/v1/hindsight/months/?format=csv").content.startswith(b"site,month")
    assert client.get("/api/v1/hindsight/days/").status_code == 400
