"""How machines answer, language by language: what a sweep records, and who sees it."""

from datetime import UTC, datetime, timedelta

import pytest

from compute.collector import answering
from compute.models import Device, LanguageHour
from compute.protocols.answer_times import Tally
from compute.web.protocols.page import answer, languages
from tests.web.callers import by_session
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def tally(answered: int, failed: int, seconds: float = 0.02) -> Tally:
    told = Tally()
    for _ in range(answered):
        told.add(seconds, None, "", 0.0)
    for _ in range(failed):
        told.add(5.0, "deadline", "nothing came in time", datetime.now(UTC).timestamp())
    return told


def keep(at: datetime | None = None, **by_site: Tally) -> None:
    sites = {device.site.code.lower(): device.site_id for device in Device.objects.select_related("site")}
    moment = (at or datetime.now(UTC)).timestamp()
    answering.keep({(sites[name], "antminer"): told for name, told in by_site.items()}, moment)


def test_sweeps_of_an_hour_add_up_in_one_row(world):
    keep(pecos=tally(9, 1))
    keep(pecos=tally(10, 0, seconds=0.2))

    row = LanguageHour.objects.get()
    assert (row.asked, row.answered, sum(row.histogram)) == (20, 19, 19)
    assert row.failure == "deadline: nothing came in time"


def test_a_site_that_is_gone_is_left_out(world):
    answering.keep({(999_999, "antminer"): tally(1, 0)}, datetime.now(UTC).timestamp())

    assert not LanguageHour.objects.exists()


def test_median_p99_and_state_of_a_language(world):
    keep(pecos=tally(98, 2, seconds=0.020))

    found = {one.name: one for one in languages([world.pecos.pk])}["antminer"]
    assert (found.asked, found.success_pct, found.state) == (100, 98.0, "warning")
    # 20 ms lies between 16 and 22.6
    assert 16 <= found.median_ms <= found.p99_ms <= 22.7


def test_what_lies_more_than_a_day_back_does_not_count(world):
    keep(datetime.now(UTC) - timedelta(hours=26), pecos=tally(5, 5))

    assert languages([world.pecos.pk])[0].asked == 0


def test_rows_are_forgotten_after_their_keeping(world):
    now = datetime.now(UTC)
    for days in (7, 9):
        keep(now - timedelta(days=days), pecos=tally(1, 0))

    assert answering.forget(now) == 1


def test_a_title_names_the_worst_language(world):
    keep(pecos=tally(80, 20))

    assert answer(languages([world.pecos.pk])) == "antminer answers 80.0 % of what it is asked"
    assert answer([]) == "No machine has been asked within a day"


def test_each_tenant_sees_only_the_answers_of_its_own_machines(world, client):
    keep(pecos=tally(90, 10))

    seen = {}
    for user in (world.ada, world.cy):
        rows = by_session(user).get("/api/v1/protocols/").json()
        seen[user.username] = {row["name"]: row["asked"] for row in rows}
    assert seen["ada"]["antminer"] == 100
    assert seen["cy"].get("antminer", 0) == 0

    client.force_login(world.cy)
    assert "nothing came in time" not in client.get("/compute/protocols/").text
    client.force_login(world.ada)
    assert "nothing came in time" in client.get("/compute/protocols/").text


def test_nobody_sees_the_page_without_signing_in(client):
    assert client.get("/compute/protocols/").status_code == 302
    assert client.get("/compute/protocols/panel/").status_code == 302


def test_the_queries_do_not_grow_with_the_machines(world, django_assert_max_num_queries):
    keep(pecos=tally(1, 0), muscat=tally(1, 0))

    with django_assert_max_num_queries(2):
        languages([world.pecos.pk, world.muscat.pk])
