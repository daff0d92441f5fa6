"""Events of a place: each at the time of what it is about, seen by whoever sees the place."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from cango_ops.alerts.models import Alert, AlertEvent
from cango_ops.base.models import AuditEvent
from compute.models import Command, Decision, Device, Hold, Order
from sites import notes
from sites.models import MarketPrice, Note, Programme, ProgrammeCall
from tests.web import api_routes
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = "from=2026-11-20T00:00Z&to=2026-11-21T00:00Z"
API = f"/api/v1/events/?{SPAN}&scope="


@pytest.fixture
def world():
    return make_world()


def minutes(count):
    return timedelta(minutes=count)


def at_pecos(world):
    """One event of each kind, a minute apart from noon on."""
    site = world.pecos
    Alert.objects.filter(pk=api_routes.alert(site)).update(
        since=NOON, fired_at=NOON + minutes(45), severity="critical", sentence="It is hot"
    )
    order = Order.objects.get(pk=api_routes.order(site))
    Order.objects.filter(pk=order.pk).update(requested_at=NOON - minutes(5), wave=1, ended_at=None)
    Command.objects.filter(order=order).update(sent_at=NOON + minutes(1))
    Decision.objects.filter(pk=api_routes.decision(site)).update(proposed_at=NOON, decided_at=NOON + minutes(2))
    plan_off(site, world.c1, begin_at=NOON + minutes(3), end_at=NOON + minutes(63))
    Hold.objects.create(
        request_id=uuid.uuid4(), site=site, placed_by=world.bo, placed_at=NOON + minutes(4), reason="storm"
    )
    Device.objects.filter(site=site, slot=1).update(standing_since=NOON + minutes(5), serial="SN1")
    note(world, NOON + minutes(6), "fans swapped")
    site.power_contracts.update(kind="index", market="ERCOT")
    price(NOON + minutes(7), "-4.5")
    programme = Programme.objects.create(
        site=site, name="Grid", baseline_mw=10, cap_mw=5, usd_per_mwh=90, valid_from=NOON.date()
    )
    ProgrammeCall.objects.create(
        programme=programme, call_id="1", begin_at=NOON + minutes(8), end_at=NOON + minutes(68), called_at=NOON
    )


def note(world, at, words, **of):
    return Note.objects.create(
        request_id=uuid.uuid4(), site=world.pecos, at=at, words=words, written_by=world.ada, written_at=NOON, **of
    )


def price(at, usd, market="ERCOT"):
    MarketPrice.objects.create(
        market=market, index="real_time", start_at=at, minutes=5, usd_per_mwh=Decimal(usd), source="t", observed_at=at
    )


def told(client, scope, **more):
    answer = client.get(API + scope + "".join(f"&{key}={value}" for key, value in more.items()))
    assert answer.status_code == 200, answer.content
    return {event["kind"]: event for event in answer.json()["events"]}


def test_each_kind_stands_at_the_time_of_what_it_is_about(world):
    at_pecos(world)

    found = told(by_session(world.ada), "site", id="PECOS")

    assert {kind: event["at"][11:16] for kind, event in found.items()} == {
        "alert": "12:00", "command": "12:01", "decision": "12:02", "window": "12:03", "hold": "12:04",
        "machine": "12:05", "note": "12:06", "price": "12:07", "call": "12:08",
    }  # fmt: skip
    assert found["alert"]["tone"] == "critical"
    assert found["window"]["until"] == "2026-11-20T13:03:00Z"
    assert found["price"]["name"] == "ERCOT below zero, at most −$4.50/MWh"


def test_the_page_shows_what_the_api_gives_and_each_leads_to_its_own_page(world):
    at_pecos(world)
    client = by_session(world.ada)

    said = client.get(f"/events/?scope=site&id=PECOS&{SPAN}&zone=utc").content.decode()

    for event in told(client, "site", id="PECOS").values():
        assert event["url"] in said
        assert client.get(event["url"]).status_code == 200
    assert "9 events at PECOS" in said


def test_a_container_and_a_machine_have_what_reached_them(world):
    at_pecos(world)
    first, second = Device.objects.filter(site=world.pecos).order_by("slot")[:2]
    client = by_session(world.ada)

    assert set(told(client, "container", id="PECOS/C1")) == {
        "alert", "hold", "command", "window", "machine", "note", "call"
    }  # fmt: skip
    assert {"command", "machine"} <= set(told(client, "device", id=first.pk))
    assert not {"command", "machine"} & set(told(client, "device", id=second.pk))


def test_a_note_of_another_machine_is_not_on_this_one_s_chart(world):
    first, second = Device.objects.filter(site=world.pecos).order_by("slot")[:2]
    note(world, NOON, "board 2", container_id=world.c1.pk, container="C1", device_id=first.pk, slot=1)
    client = by_session(world.ada)

    assert told(client, "device", id=first.pk)["note"]["place"] == "PECOS/C1/1"
    assert told(client, "device", id=second.pk) == {}
    assert "note" in told(client, "container", id="PECOS/C1")


def test_an_alert_s_comment_is_a_note_on_the_chart(world):
    pk = api_routes.alert(world.pecos)
    AlertEvent.objects.create(alert_id=pk, at=NOON, kind="note", actor="Ada", words="door was open")

    assert told(by_session(world.ada), "site", id="PECOS")["note"]["url"] == f"/alerts/{pk}/"


def test_what_only_waited_or_is_part_of_another_alert_is_no_event(world):
    pk = api_routes.alert(world.pecos)
    Alert.objects.filter(pk=pk).update(since=NOON, fired_at=None, state="pending")
    Decision.objects.filter(pk=api_routes.decision(world.pecos)).update(proposed_at=NOON, state="superseded")

    assert told(by_session(world.ada), "site", id="PECOS") == {}


def test_waves_are_marks_of_a_site_and_one_of_the_company(world):
    order = Order.objects.get(pk=api_routes.order(world.pecos))
    Order.objects.filter(pk=order.pk).update(requested_at=NOON, wave=2, waves=2)
    last = Device.objects.filter(site=world.pecos).order_by("-pk")[0]
    Command.objects.create(order=order, device=last, place="PECOS/C1/4", wave=2)
    for wave in (1, 2):
        Command.objects.filter(order=order, wave=wave).update(sent_at=NOON + minutes(wave))
    client = by_session(world.bo)

    names = [event["name"] for event in client.get(f"{API}site&id=PECOS").json()["events"]]
    (whole,) = client.get(f"{API}fleet").json()["events"]

    assert names == [f"Put to sleep 1 machine at PECOS, wave {wave} of 2: Pecos" for wave in (2, 1)]
    assert whole["name"] == "Put to sleep 2 machines at PECOS: Pecos"


def test_prices_that_follow_each_other_are_one_event(world):
    world.pecos.power_contracts.update(kind="index", market="ERCOT")
    for place, usd in enumerate(("-1", "-12.5", "20", "400", "500")):
        price(NOON + minutes(5 * place), usd)

    answer = by_session(world.ada).get(f"{API}site&id=PECOS").json()["events"]

    assert [(one["at"][11:16], one["until"][11:16], one["name"]) for one in answer] == [
        ("12:15", "12:25", "ERCOT above $150/MWh, at most $500.00/MWh"),
        ("12:00", "12:10", "ERCOT below zero, at most −$12.50/MWh"),
    ]


@pytest.mark.parametrize("scope", ["site&id=PECOS", "container&id=PECOS/C1", "region&id=middle-east"])
def test_a_partner_asks_in_vain(world, scope):
    at_pecos(world)
    client = by_session(world.cy)

    assert client.get(API + scope).status_code == 404
    assert client.get(f"/events/?scope={scope}").status_code == 404
    assert client.get(f"/events/list/?scope={scope}").status_code == 404


def test_a_partner_s_company_chart_has_the_partner_s_events_alone(world):
    at_pecos(world)
    plan_off(world.ghost, begin_at=NOON, end_at=NOON + minutes(60))

    found = told(by_session(world.cy), "fleet")

    assert [event["place"] for event in found.values()] == ["GHOST"]


def test_the_list_under_the_charts_carries_its_marks(world):
    at_pecos(world)

    said = by_session(world.ada).get(f"/events/list/?scope=site&id=PECOS&{SPAN}&zone=utc").content.decode()

    assert said.count("data-mark") == 1
    assert "1 alert, 1 hold, 1 decision, 1 grid call, 1 wave of commands" in said
    assert said.count("data-band") == 3
    assert f'data-at="{int(NOON.timestamp())}"' in said


def test_events_can_be_left_out_by_the_address(world):
    client = by_session(world.ada)

    assert 'id="events"' in client.get("/sites/PECOS/").content.decode()
    assert 'id="events"' not in client.get("/sites/PECOS/?events=off&range=1h").content.decode()


def test_the_same_number_of_queries_for_one_event_and_for_many(world, django_assert_max_num_queries):
    at_pecos(world)
    for place in range(30):
        note(world, NOON + minutes(place), f"note {place}")
    client = by_session(world.ada)

    with django_assert_max_num_queries(26):
        client.get(f"/events/list/?scope=site&id=PECOS&{SPAN}")


@pytest.mark.parametrize(
    ("asked", "code"),
    [("scope=moon", 400), ("scope=site", 400), ("scope=site&id=PECOS&kind=ufo", 400), ("scope=fleet&id=PECOS", 400),
     ("scope=device&id=x", 400), ("scope=site&id=NOWHERE", 404)],
)  # fmt: skip
def test_what_cannot_be_is_said_once(world, asked, code):
    client = by_session(world.bo)

    assert client.get(f"/events/?{asked}").status_code == code
    assert client.get(f"/api/v1/events/?{asked}").status_code == code


# Notes


def noted(client, request_id=None, **more):
    form = {"request_id": str(request_id or uuid.uuid4()), "words": "belt replaced", **more}
    return client.post("/events/note/?scope=container&id=PECOS/C1", form)


def test_a_note_sent_twice_is_one_and_in_the_audit_chain(world):
    client, request_id = by_session(world.ada), uuid.uuid4()

    for _ in range(2):
        assert noted(client, request_id).status_code == 302

    row = Note.objects.get()
    assert (row.place, row.words, row.written_by) == ("PECOS/C1", "belt replaced", world.ada)
    (deed,) = AuditEvent.objects.filter(verb="note.written")
    assert deed.detail["words"] == "belt replaced"


def test_a_note_takes_the_right_to_operate_the_place(world):
    assert noted(by_session(world.cy)).status_code == 404
    with pytest.raises(notes.NoteRefused):
        notes.write(uuid.uuid4(), world.cy, world.pecos, "mine now")
    assert not Note.objects.exists()


def test_an_empty_note_and_one_of_the_future_are_refused_in_words(world):
    client = by_session(world.ada)

    assert "A note says something" in client.get(noted(client, words=" ").url).content.decode()
    assert "at most 400 days ago" in client.get(noted(client, at="2031-01-01T00:00").url).content.decode()
    assert not Note.objects.exists()


def test_by_rest_a_note_takes_a_token_that_may_write(world):
    said = {"request_id": str(uuid.uuid4()), "scope": "site", "id": "PECOS", "words": "by a program"}

    for scopes, code in (("read",), 403), (("read", "write"), 201):
        client = by_key(key_of(world.ada, scopes=scopes, name="-".join(scopes)))
        answer = client.post("/api/v1/notes/", said, content_type="application/json")
        assert answer.status_code == code, answer.content

    assert Note.objects.get().words == "by a program"
    foreign = by_key(key_of(world.cy, scopes=("read", "write"), name="x"))
    assert foreign.post("/api/v1/notes/", said, content_type="application/json").status_code == 404


def test_an_id_that_another_note_has_is_refused(world):
    request_id = uuid.uuid4()
    notes.write(request_id, world.bo, world.pecos, "first")

    with pytest.raises(notes.NoteRefused, match="another note"):
        notes.write(request_id, world.ada, world.pecos, "second")


def test_the_page_of_events_is_live_while_its_range_moves(world):
    at_pecos(world)
    client = by_session(world.ada)
    page = client.get("/events/?scope=site&id=PECOS&range=6h").content.decode()

    assert 'data-topic="site/PECOS alerts orders hold switching"' in page
    assert 'hx-get="/events/panel/?scope=site&amp;id=PECOS&amp;range=6h"' in page
    assert "data-topic" not in client.get(f"/events/?{SPAN}").content.decode().partition('id="panel"')[2].split(">")[0]
    panel = client.get(f"/events/panel/?scope=site&id=PECOS&{SPAN}").content.decode()
    assert "<html" not in panel
    assert 'id="event-table"' in panel
    assert by_session(world.cy).get("/events/panel/?scope=site&id=PECOS").status_code == 404


@pytest.mark.parametrize("path", ["/switching/", "/sites/PECOS/switching/"])
def test_the_plans_charts_carry_events_too(world, path):
    assert 'id="events"' in by_session(world.ada).get(path).content.decode()
