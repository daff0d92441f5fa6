"""Pages, fragments and buttons of alerts, as each person meets them."""

import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cango_ops.alerts.models import Alert, AlertEvent, AlertSetting, Silence
from cango_ops.base.models import AuditEvent, JobRun
from tests.web.alerts.worlds import at_site, judge, make_decision, one_of_each, sweep
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def as_(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def test_the_title_is_the_answer(as_, world):
    assert "<h1>Nobody knows: the rules are not judged</h1>" in as_(world.ada).get("/alerts/").text
    judged()
    assert "<h1>No alert is open</h1>" in as_(world.ada).get("/alerts/").text
    at_site(world.pecos)
    assert "<h1>1 alert is open that nobody has</h1>" in as_(world.ada).get("/alerts/").text
    at_site(world.pecos, rule="gpu.down")
    assert "<h1>2 alerts are open, nobody has them</h1>" in as_(world.ada).get("/alerts/").text


def test_a_partner_finds_no_trace_of_the_companys_alerts(as_, world):
    alerts = one_of_each(world)
    client = as_(world.cy)

    for address in ("/alerts/", "/alerts/?state=all", "/alerts/panel/", "/alerts/count/", "/alerts/needs/", "/"):
        text = client.get(address).text
        assert not re.search(r"PECOS|MUSCAT|Something at (Treasury|Console|Cango)", text), address
    assert '<span class="fig">3</span>' in client.get("/alerts/count/").text
    for name in ("PECOS", "cango", "console", "treasury"):
        for way in ("", "panel/"):
            assert client.get(f"/alerts/{alerts[name].pk}/{way}").status_code == 404
        for deed in ("acknowledge", "note", "silence"):
            assert client.post(f"/alerts/{alerts[name].pk}/{deed}/").status_code == 404
    assert client.get("/alerts/of/PECOS/").status_code == 404
    assert client.get("/alerts/?site=PECOS").status_code == 404
    assert client.get("/alerts/rules/PECOS/").status_code == 404
    assert client.get(f"/alerts/{alerts['GHOST'].pk}/").status_code == 200


def test_what_needs_somebody_is_in_order_of_dollars_with_its_next_action(as_, world):
    at_site(world.muscat, usd_per_h=Decimal(40))
    at_site(world.pecos, usd_per_h=Decimal(900), action="Call the site", url="/sites/PECOS/")
    at_site(world.ghost, severity="critical")
    make_decision(world.pecos, usd_per_h=100)
    judge()

    text = as_(world.bo).get("/").text

    needs = text[text.index('id="troubles"') :]
    assert re.findall(r"<b>(\w+)</b>", needs)[:4] == ["GHOST", "PECOS", "PECOS", "MUSCAT"]
    assert needs.index("data-first-tab") < needs.index("PECOS")
    assert needs.count("data-first-tab") == 1
    assert '<a class="next" href="/sites/PECOS/">Call the site' in needs
    assert "Sell 2 MW until 16:00." in needs


def test_a_region_shows_its_own_needs(as_, world):
    one_of_each(world)

    needs = as_(world.bo).get("/alerts/needs/?region=middle-east").text

    assert "MUSCAT" in needs
    assert "PECOS" not in needs


def test_rules_that_are_not_judged_are_said_and_not_hidden(as_, world):
    cache.clear()
    text = as_(world.ada).get("/").text
    assert "Rules last judged never: this list is as old." in text
    assert "The rules have not been judged yet." in as_(world.ada).get("/alerts/").text


def test_the_overview_costs_one_query_more_for_its_alerts(as_, world):
    sweep(world.c1, [200, 200, 200, 200])
    few = queries_of(as_, world.bo)
    for number in range(30):
        at_site(world.pecos, subject=f"x/{number}")

    assert queries_of(as_, world.bo) == few
    client = as_(world.bo)
    client.get("/")
    with CaptureQueriesContext(connection) as caught:
        client.get("/")
    assert sum("alerts_alert" in one["sql"] for one in caught) == 1


def judged() -> None:
    """As if a round had just ended."""
    now = timezone.now()
    JobRun.objects.create(name="alerts.evaluate", started_at=now, finished_at=now, outcome="done")


def queries_of(as_, user) -> int:
    cache.clear()
    client = as_(user)
    with CaptureQueriesContext(connection) as caught:
        assert client.get("/").status_code == 200
    return len(caught)


def test_the_list_costs_the_same_however_long(as_, world):
    at_site(world.pecos)
    client = as_(world.bo)
    client.get("/alerts/")
    with CaptureQueriesContext(connection) as few:
        client.get("/alerts/")
    for number in range(30):
        at_site(world.muscat, subject=f"x/{number}")
    with CaptureQueriesContext(connection) as many:
        client.get("/alerts/")

    assert len(many) == len(few)


def test_filters_stand_in_the_address_and_a_wrong_one_is_refused(as_, world):
    at_site(world.pecos, severity="critical", sentence="A")
    at_site(world.muscat, sentence="B", state="pending", rule="gpu.xid")
    client = as_(world.bo)

    assert "MUSCAT" not in client.get("/alerts/?severity=critical").text
    assert "MUSCAT" in client.get("/alerts/?state=pending&site=MUSCAT").text
    assert client.get("/alerts/?state=wrong").status_code == 400


def test_one_takes_it_with_a_note_and_the_other_learns_who(as_, world):
    alert = at_site(world.pecos)
    answer = as_(world.ada).post(f"/alerts/{alert.pk}/acknowledge/", {"note": "on my way"}, follow=True)
    assert "You have it: PECOS." in answer.text
    assert "on my way" in answer.text

    answer = as_(world.bo).post(f"/alerts/{alert.pk}/acknowledge/", follow=True)

    assert "It was taken by ada@example.com at" in answer.text
    assert Alert.objects.get().acknowledged_by == world.ada


def test_taken_in_the_list_one_stays_in_the_list(as_, world):
    alert = at_site(world.pecos)

    answer = as_(world.ada).post(f"/alerts/{alert.pk}/acknowledge/", {"list": "severity=warning"})

    assert answer.headers["Location"] == "/alerts/?severity=warning"


def test_who_only_looks_may_not_act(as_, world):
    alert = at_site(world.pecos)
    viewer = make_user("Vi")
    viewer.memberships.create(role="viewer", site=world.pecos)
    client = as_(viewer)

    assert "Take it" not in client.get(f"/alerts/{alert.pk}/").text
    for deed in ("acknowledge", "note", "silence"):
        assert client.post(f"/alerts/{alert.pk}/{deed}/", {"note": "x"}).status_code == 403


def test_a_silence_is_shown_where_it_is_and_ended_there(as_, world):
    judged()
    alert = at_site(world.pecos)
    client = as_(world.ada)
    client.post(f"/alerts/{alert.pk}/silence/", {"hours": "2", "reason": "fan is being changed"})
    assert "fan is being changed" in client.get(f"/alerts/{alert.pk}/").text
    assert "<h1>No alert is open</h1>" in client.get("/alerts/").text
    assert "silent until" in client.get("/alerts/?state=silenced").text

    client.post(f"/alerts/silences/{Silence.objects.get().pk}/end/")

    assert "<h1>1 alert is open that nobody has</h1>" in client.get("/alerts/").text


@pytest.mark.parametrize("hours", ["", "nan", "inf", "-1", "169", "1e400"])
def test_a_silence_of_no_sensible_length_is_refused(as_, world, hours):
    alert = at_site(world.pecos)

    answer = as_(world.ada).post(f"/alerts/{alert.pk}/silence/", {"hours": hours, "reason": "x"})

    assert answer.status_code == 400
    assert not Silence.objects.exists()


def test_a_whole_site_is_silenced_by_its_duty_manager_alone(as_, world):
    alert = at_site(world.pecos)
    said = {"hours": "1", "reason": "works", "whole_site": "yes"}
    as_(world.ada).post(f"/alerts/{alert.pk}/silence/", said)
    assert not Silence.objects.exists()

    as_(world.bo).post(f"/alerts/{alert.pk}/silence/", said)

    assert Silence.objects.get().site_id == world.pecos.pk
    assert "PECOS</strong> is silent until" in as_(world.ada).get("/alerts/").text
    assert as_(world.ada).post(f"/alerts/silences/{Silence.objects.get().pk}/end/").status_code == 403


def test_another_tenants_silence_is_not_there(as_, world):
    alert = at_site(world.pecos)
    as_(world.bo).post(f"/alerts/{alert.pk}/silence/", {"hours": "1", "reason": "works"})

    assert as_(world.cy).post(f"/alerts/silences/{Silence.objects.get().pk}/end/").status_code == 404


def test_limits_are_set_by_managers_in_the_units_of_the_table(as_, world):
    said = {"rule": "site.hashrate_low", "limit": "15", "hold_s": "600", "is_on": ""}
    assert as_(world.ada).post("/alerts/rules/PECOS/", said).status_code == 403
    client = as_(world.bo)
    client.post("/alerts/rules/PECOS/", said)

    row = AlertSetting.objects.get()
    assert (row.site_id, row.limit, row.hold_s, row.is_on) == (world.pecos.pk, 0.15, 600, None)
    assert "15 %" in client.get("/alerts/rules/PECOS/").text
    assert AuditEvent.objects.get().verb == "alert_rule.set"

    client.post("/alerts/rules/PECOS/", {"rule": "site.hashrate_low", "limit": "", "hold_s": "", "is_on": ""})

    assert not AlertSetting.objects.exists()


@pytest.mark.parametrize("limit", ["-1", "nan", "inf", "x"])
def test_a_limit_that_is_none_is_refused_in_words(as_, world, limit):
    answer = as_(world.bo).post("/alerts/rules/", {"rule": "site.hot", "limit": limit})

    assert answer.status_code == 400
    assert "field-error" in answer.text


def test_a_manager_of_one_operator_sets_nothing_for_every_site(as_, world):
    manager = make_user("Mo")
    manager.memberships.create(role="manager", operator=world.partner)

    assert as_(manager).post("/alerts/rules/", {"rule": "site.hot", "limit": "90"}).status_code == 403
    assert as_(manager).post("/alerts/rules/GHOST/", {"rule": "site.hot", "limit": "90"}).status_code == 302


def test_the_page_of_an_alert_tells_its_life(as_, world):
    now = timezone.now()
    before = at_site(world.pecos, state="resolved", resolved_at=now, sentence="the last time")
    alert = at_site(world.pecos, shown={"scope": "site", "of": "PECOS", "metric": "temp_max_c", "kind": "c"})
    AlertEvent.objects.create(alert=alert, at=now, kind="fired", words="99 °C")

    text = as_(world.ada).get(f"/alerts/{alert.pk}/").text

    assert "99 °C" in text
    assert f'href="/alerts/{before.pk}/"' in text
    assert "metrics=temp_max_c" in text
    assert "nobody knows" in text


def test_the_sites_own_alerts_stand_on_its_page(as_, world):
    at_site(world.pecos, sentence="95 °C in C1")
    at_site(world.muscat, sentence="other")

    assert 'hx-get="/alerts/of/PECOS/"' in as_(world.ada).get("/sites/PECOS/").text
    text = as_(world.bo).get("/alerts/of/PECOS/").text

    assert "95 °C in C1" in text
    assert "other" not in text
