"""The overview as each person sees it."""

import time

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.live.hub import hub
from cango_ops.web.overview import views
from cango_ops.web.overview.page import answer
from compute.models import Container
from compute.telemetry import sitemap, store
from compute.telemetry.answers import FleetTotals
from sites.models import Membership, Region, Role, Site
from tests.compute.telemetry.sweeps import heard, machine, mining, silent
from tests.worlds import make_devices, make_user, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    sitemap.forget()
    return make_world()


def sweep(box: Container, hashrates: list[float | None], ago_s: float = 5) -> None:
    """One sweep of a container, `ago_s` seconds ago."""
    at = time.time() - ago_s
    polls = [
        silent(machine(box, slot), at) if ths is None else heard(machine(box, slot), at, mining(ths))
        for slot, ths in enumerate(hashrates, 1)
    ]
    store.write(box.site_id, polls)


def page(client, user, address: str = "/"):
    client.force_login(user)
    return client.get(address)


def test_nobody_sees_it_without_signing_in(client, world):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_what_is_shared_is_never_older_than_what_browsers_were_told(client, world, monkeypatch):
    monkeypatch.setattr(views, "SHARED_S", 60.0)
    page(client, world.ada)
    sweep(world.c1, [200, 200, 200, 200])
    assert "never polled" in client.get("/overview/panel/").text

    hub.changed([("fleet", time.time_ns())])

    assert "<h1>Your site is ok</h1>" in client.get("/overview/panel/").text
    del hub.topics["fleet"]


def test_bo_sees_every_site_and_the_title_is_the_answer(client, world):
    sweep(world.c1, [200, 200, 200, 200])
    sweep(world.m1, [200, 200, 200, None])

    text = page(client, world.bo).text

    assert "<h1>1 of 3 sites ok, 1 needs you, 1 never polled</h1>" in text
    assert all(code in text for code in ("PECOS", "MUSCAT", "GHOST"))
    assert "2 of 3 sites" in text


def test_cy_sees_the_partners_site_and_no_trace_of_the_company(client, world):
    sweep(world.c1, [200, 200, 200, 200])

    answers = [page(client, world.cy, address).text for address in ("/", "/overview/panel/", "/?sort=worst")]

    for text in answers:
        assert "GHOST" in text
        assert not any(word in text for word in ("PECOS", "MUSCAT", "800", "Middle East"))


def test_two_people_with_other_sites_never_share_a_panel(client, world):
    bo = page(client, world.bo, "/overview/panel/").text
    cy = page(client, world.cy, "/overview/panel/").text

    assert "PECOS" in bo
    assert "PECOS" not in cy


def test_a_site_that_was_not_swept_in_time_is_stale_and_shows_no_old_number(client, world):
    sweep(world.c1, [200, 200, 200, 200], ago_s=300)

    text = page(client, world.ada).text

    row = text[text.index('id="site-PECOS"') : text.index("</tr>", text.index('id="site-PECOS"'))]
    assert "stale" in row
    assert "not known" in row
    assert "800" not in row
    assert "0 of 1 sites" in text


def test_a_person_without_a_site_is_told_why_and_what_to_do(client, world):
    text = page(client, make_user("New")).text

    assert "No site is shared with you yet." in text
    assert "data-chart" not in text


def test_an_empty_console_tells_an_admin_what_to_do_first(client):
    admin, viewer = make_user("Root"), make_user("Vi")
    Membership.objects.create(user=admin, role=Role.ADMIN)
    Membership.objects.create(user=viewer, role=Role.VIEWER)

    for path in ("/", "/system/"):
        assert "manage.py add_site" in page(client, admin, path).text
    assert "An admin writes the first one" in page(client, viewer).text


def test_a_region_is_a_page_of_its_own(client, world):
    text = page(client, world.bo, "/?region=middle-east").text

    assert "MUSCAT" in text
    assert "PECOS" not in text
    assert '<span aria-current="page" title="Middle East">Middle East</span>' in text
    assert "/api/v1/series/?scope=region&amp;id=middle-east&amp;metrics=hashrate_ths" in text


@pytest.mark.parametrize("address", ["/?range=2h", "/?sort=luck", "/?zone=moon", "/?from=x", "/?region=%00"])
def test_an_unknown_parameter_is_refused_in_words(client, world, address):
    refused = page(client, world.bo, address)

    assert refused.status_code == 400
    assert "The address asks for something unknown" in refused.text


def test_the_time_travels_with_every_link(client, world):
    text = page(client, world.bo, "/?range=7d&zone=utc").text

    assert 'href="/sites/PECOS/?range=7d&amp;zone=utc"' in text
    assert 'hx-get="/overview/panel/?range=7d&amp;zone=utc"' in text


def test_only_pages_with_charts_may_have_inline_styles(client, world):
    assert "style-src 'self' 'unsafe-inline'" in page(client, world.bo).headers["Content-Security-Policy"]
    assert "script-src 'self';" in page(client, world.bo).headers["Content-Security-Policy"] + ";"
    assert "unsafe-inline" not in page(client, world.bo, "/search/").headers["Content-Security-Policy"]


def test_more_sites_and_machines_cost_no_more_queries(client, world):
    sweep(world.c1, [200, 200, 200, 200])
    few = queries_of(client, world.bo)
    region = Region.objects.create(code="east-africa", name="East Africa")
    for number in range(20):
        add_site(world, region, number)

    assert queries_of(client, world.bo) == few


def queries_of(client, user) -> int:
    cache.clear()
    client.force_login(user)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get("/").status_code == 200
    return len(caught)


def add_site(world, region: Region, number: int) -> None:
    site = Site.objects.create(
        code=f"EAST{number}", name=f"East {number}", operator=world.company, region=region, kind="hosted",
        time_zone="Africa/Nairobi", capacity_mw=5,
    )  # fmt: skip
    box = Container.objects.create(site=site, code="C1", kind="asic", rows=1, columns=4)
    make_devices(box, 2, first_address=f"127.8.{number}.1")
    sweep(box, [200, 200])


@pytest.mark.parametrize(
    ("by_state", "title"),
    [
        ({}, "No sites to show"),
        ({"ok": 1}, "Your site is ok"),
        ({"ok": 42}, "All 42 sites ok"),
        ({"ok": 39, "critical": 1, "warning": 1, "stale": 1}, "39 of 42 sites ok, 3 need you"),
        ({"ok": 40, "warning": 1, "maintenance": 1}, "40 of 42 sites ok, 1 needs you, 1 in maintenance"),
        ({"unknown": 42}, "0 of 42 sites ok, 42 never polled"),
    ],
)
def test_the_title_counts_what_needs_somebody(by_state, title):
    assert answer(FleetTotals(sites=sum(by_state.values()), by_site_state=by_state)) == title
