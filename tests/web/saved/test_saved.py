"""Saved views: kept under a name, shared with a team or a company, never wider than what the viewer may see."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cango_ops.base.models import AuditEvent
from cango_ops.web.saved.pages import PAGES, checked
from sites.models import Membership, Role, SavedView
from tests.web import api_routes
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db

QUERY = "state=firing&severity=critical&site=PECOS&by=-alert-list.2&hide=alert-list:who,next"


@pytest.fixture
def world():
    return make_world()


def saved(client, query=QUERY, page="alerts", name="Night shift", share="", follow=False):
    form = {"page": page, "name": name, "query": query, "share": share}
    return client.post("/views/save/", form, follow=follow)


def names(client):
    return [one["name"] for one in client.get("/api/v1/views/").json()]


def menu(client, page):
    return client.get(f"/views/menu/?page={page}").content.decode()


def test_a_menu_is_that_of_a_page_that_there_is(world):
    assert by_session(world.ada).get("/views/menu/?page=nonsense").status_code == 404
    assert "/views/menu/" not in by_session(world.ada).get("/views/").content.decode()


def test_a_view_keeps_filter_columns_and_sort_and_opens_with_them(world):
    client = by_session(world.ada)

    saved(client)

    pk = SavedView.objects.get().pk
    assert client.get(f"/views/{pk}/").url == f"/alerts/?{QUERY}"
    assert 'hx-get="/views/menu/?page=alerts"' in client.get("/alerts/").content.decode()
    assert "Night shift" in menu(client, "alerts")
    assert "Night shift" not in menu(client, "machines")


def test_a_view_of_a_page_with_a_range_keeps_it(world):
    client = by_session(world.ada)

    saved(client, "scope=site&id=PECOS&kind=alert&range=7d&zone=utc", "events", "Week")

    assert client.get(f"/views/{SavedView.objects.get().pk}/").url == (
        "/events/?scope=site&id=PECOS&kind=alert&range=7d&zone=utc"
    )


def test_saved_again_under_its_name_a_view_is_replaced(world):
    client = by_session(world.ada)

    for query in ("state=firing", "state=all"):
        saved(client, query)

    assert [one.query for one in SavedView.objects.all()] == ["state=all"]


@pytest.mark.parametrize(
    ("page", "query"),
    [("alerts", "state=ufo"), ("alerts", "colour=red"), ("alerts", "range=7d"), ("machines", "hide=machine-list:place"),
     ("machines", "hide=alert-list:who"), ("machines", "by=machine-list.10"), ("events", "range=7y"),
     ("events", "from=2026-01-02T00:00Z&to=2026-01-01T00:00Z"), ("overview", "sort=%00"), ("alerts", "hide=")],
)  # fmt: skip
def test_what_the_page_does_not_know_is_not_saved_and_said(world, page, query):
    said = saved(by_session(world.ada), query, page, follow=True).content.decode()

    assert "Not saved: the page does not know" in said
    assert not SavedView.objects.exists()


def test_a_query_of_very_many_fields_is_refused(world):
    said = saved(by_session(world.ada), "&".join(f"a{number}=1" for number in range(60)), follow=True).content.decode()

    assert "Not saved: " in said
    assert not SavedView.objects.exists()


def test_every_word_of_each_page_is_known_and_answers(world):
    client = by_session(world.bo)
    for key, page in PAGES.items():
        for table, columns in page.tables.items():
            query = f"hide={table}:{','.join(columns[1:])}&by={table}.0"
            assert checked(key, query).gone == ()
            assert client.get(f"{page.url}?{query}").status_code == 200


def test_the_columns_of_the_registry_are_those_of_the_pages(world):
    api_routes.alert(world.pecos)
    client = by_session(world.bo)
    for key in ("alerts", "machines"):
        said = client.get(PAGES[key].url).content.decode()
        for table, columns in PAGES[key].tables.items():
            assert f'id="{table}"' in said
            assert [name for name in columns if f'data-column="{name}"' not in said] == []


def test_a_view_whose_fields_are_gone_says_so_and_opens_with_the_rest(world):
    client = by_session(world.ada)
    view = SavedView.objects.create(
        owner=world.ada, page="alerts", name="Old", query="state=firing&urgency=9", saved_at=datetime.now(UTC)
    )

    assert client.get(f"/views/{view.pk}/").url == "/alerts/?state=firing"
    said = client.get(f"/views/{view.pk}/", follow=True).content.decode()
    assert "the page does not know it any more: urgency=9" in said
    assert "1 field gone" in menu(client, "alerts")
    assert client.get(f"/api/v1/views/{view.pk}/").json()["gone"] == ["urgency=9"]


def test_a_view_of_a_page_that_is_no_more_says_so(world):
    client = by_session(world.ada)
    view = SavedView.objects.create(owner=world.ada, page="rackets", name="Old", saved_at=datetime.now(UTC))

    assert "is a view of is no more" in client.get(f"/views/{view.pk}/", follow=True).content.decode()


# Shared


def test_a_private_view_is_one_s_own(world):
    saved(by_session(world.ada))
    pk = SavedView.objects.get().pk

    for person in (world.bo, world.cy):
        client = by_session(person)
        assert names(client) == []
        assert client.get(f"/views/{pk}/").status_code == 404
        assert client.post(f"/views/{pk}/remove/").status_code == 404
        assert client.get(f"/api/v1/views/{pk}/").status_code == 404


def test_everybody_of_the_company_has_what_is_shared_with_it_and_a_partner_has_not(world):
    saved(by_session(world.bo), "state=firing", share="cango")

    assert names(by_session(world.ada)) == ["Night shift"]
    assert names(by_session(world.cy)) == []
    assert AuditEvent.objects.get(verb="view.shared").detail["with"] == "cango"


def test_a_team_are_those_with_the_same_role(world):
    dee, eve = make_user("Dee"), make_user("Eve")
    Membership.objects.create(user=dee, role=Role.OPERATOR, site=world.muscat)
    Membership.objects.create(user=eve, role=Role.VIEWER, site=world.muscat)

    saved(by_session(world.ada), "state=firing", share="cango.operator")

    assert names(by_session(dee)) == ["Night shift"]
    assert names(by_session(eve)) == []
    assert names(by_session(world.cy)) == []


def test_a_shared_view_shows_nobody_more_than_is_theirs(world):
    """A view that names a site is not even there for who does not see the site."""
    api_routes.alert(world.pecos)
    api_routes.alert(world.muscat)
    bo = by_session(world.bo)
    saved(bo, "site=MUSCAT", name="Muscat alone", share="cango")
    saved(bo, "state=all", name="All", share="cango")
    ada = by_session(world.ada)

    assert names(ada) == ["All"]
    said = ada.get("/alerts/?state=all").content.decode() + menu(ada, "alerts")
    assert "PECOS" in said
    assert "MUSCAT" not in said
    assert "Muscat" not in said
    hidden = SavedView.objects.get(name="Muscat alone").pk
    assert ada.get(f"/views/{hidden}/").status_code == 404
    assert ada.get(f"/api/v1/views/{hidden}/").status_code == 404


@pytest.mark.parametrize(
    ("page", "query"),
    [("events", "scope=container&id=MUSCAT/M1"), ("events", "scope=region&id=middle-east"), ("machines", "site=MUSCAT"),
     ("overview", "region=middle-east")],
)  # fmt: skip
def test_whatever_place_a_view_names_it_is_hidden_from_who_does_not_see_it(world, page, query):
    saved(by_session(world.bo), query, page, share="cango")

    assert names(by_session(world.bo)) == ["Night shift"]
    assert names(by_session(world.ada)) == []


def test_nobody_shares_with_others_than_one_s_own(world):
    for share in ("partner", "cango.manager", "nobody.knows"):
        assert (
            "teams and companies that you belong to"
            in saved(by_session(world.ada), share=share, follow=True).content.decode()
        )
    assert not SavedView.objects.exists()


def test_who_left_the_team_has_its_views_no_more(world):
    saved(by_session(world.bo), "state=firing", share="cango")
    Membership.objects.filter(user=world.ada).delete()

    assert names(by_session(world.ada)) == []


def test_only_who_saved_a_view_takes_it_away(world):
    saved(by_session(world.bo), "state=firing", share="cango")
    pk = SavedView.objects.get().pk

    assert "Only who saved it" in by_session(world.ada).post(f"/views/{pk}/remove/", follow=True).content.decode()
    assert by_session(world.ada).delete(f"/api/v1/views/{pk}/").status_code == 403
    assert by_session(world.bo).post(f"/views/{pk}/remove/").status_code == 302
    assert not SavedView.objects.exists()


def test_by_rest_views_are_kept_by_people_and_read_by_programs(world):
    said = {"page": "machines", "name": "Hot", "query": "state=critical&hide=machine-list:mac"}
    key = by_key(key_of(world.ada, scopes=("read", "write")))

    assert key.post("/api/v1/views/", said, content_type="application/json").status_code == 403
    session = by_session(world.ada)
    assert session.post("/api/v1/views/", said, content_type="application/json").status_code == 201
    assert names(key) == ["Hot"]
    wrong = session.post("/api/v1/views/", said | {"query": "state=ufo"}, content_type="application/json")
    assert wrong.status_code == 400
    assert session.delete(f"/api/v1/views/{SavedView.objects.get().pk}/").status_code == 204


def test_the_menu_costs_no_more_with_many_views(world):
    client = by_session(world.ada)
    costs = []
    for numbers in (range(3), range(3, 12)):
        for number in numbers:
            saved(client, "state=firing&site=PECOS", name=f"View {number}")
        with CaptureQueriesContext(connection) as captured:
            assert menu(client, "alerts").count("<li>") == numbers.stop
        costs.append(len(captured))

    assert costs[0] == costs[1]
