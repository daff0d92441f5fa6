"""Calls of programmes: told by page and by REST, once under their number, and withdrawn while they are not over."""

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection

from cango_ops.base import clock
from cango_ops.base.models import AuditEvent
from sites import calls
from sites.calls import Called
from sites.models import Membership, Programme, ProgrammeCall, Role
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
PAGE, API = "/sites/PECOS/programmes/", "/api/v1/sites/PECOS/calls/"
HOUR = timedelta(hours=1)


@pytest.fixture
def world():
    world = make_world()
    promise(world.pecos, "Emergency response")
    return world


def promise(site, name, **more):
    said = {"baseline_mw": 18, "cap_mw": 18, "usd_per_mwh": 250, "valid_from": date(2025, 1, 1)} | more
    return Programme.objects.create(site=site, name=name, **said)


def noon() -> datetime:
    """An instant ahead, in whole minutes as a form says it."""
    return (clock.now() + 2 * HOUR).replace(second=0, microsecond=0)


def said(begin=None, end=None, **more):
    begin = begin or noon()
    end = end or begin + HOUR
    return {
        "programme": "Emergency response", "call_id": "E-17", "begin_at": f"{begin:%Y-%m-%dT%H:%M}",
        "end_at": f"{end:%Y-%m-%dT%H:%M}", **more,
    }  # fmt: skip


def over(world, call_id="E-1"):
    now = clock.now()
    return ProgrammeCall.objects.create(
        programme=Programme.objects.get(site=world.pecos), call_id=call_id, begin_at=now - 3 * HOUR,
        end_at=now - HOUR, called_at=now - 4 * HOUR,
    )  # fmt: skip


def aggregator(world, user=None):
    """A program of an operator with a key that may write."""
    user = user or world.ada
    return by_key(key_of(user, scopes=("read", "write"), name=f"key {user.api_tokens.count()}"))


def post(client, body, address=API):
    return client.post(address, body, content_type="application/json")


def test_an_operator_tells_a_call_on_the_page(world):
    begin = noon()
    answer = by_session(world.ada).post(PAGE, said(begin), follow=True).content.decode()

    row = ProgrammeCall.objects.get()
    assert (row.call_id, row.begin_at, row.end_at) == ("E-17", begin, begin + HOUR)
    assert "Call E-17 is told. The site is planned anew within seconds." in answer
    assert "begins later" in answer
    event = AuditEvent.objects.get(verb="call.told")
    assert (event.actor, event.target, event.detail["call"]) == ("ada@example.com", "site/PECOS", "E-17")


def test_an_aggregators_program_tells_a_call_and_the_same_call_again_is_one(world):
    client, body = aggregator(world), said()

    first, again = post(client, body), post(client, body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["programme"], first.json()["withdrawn_at"]) == ("Emergency response", None)
    assert ProgrammeCall.objects.count() == AuditEvent.objects.filter(verb="call.told").count() == 1
    assert client.get(API).json() == [first.json()]


def test_other_times_under_a_number_that_was_told_are_refused(world):
    client, begin = aggregator(world), noon()
    post(client, said(begin))

    answer = post(client, said(begin, begin + 2 * HOUR))

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "This number was told with other times" in answer.json()["detail"]
    assert ProgrammeCall.objects.get().end_at == begin + HOUR


@pytest.mark.parametrize(
    ("hours", "more", "field", "words"),
    [
        ((3, 2), {}, "end_at", "It ends before it begins."),
        ((1, 24 * 8), {}, "end_at", "A call lasts at most 7 days."),
        ((24 * 100, 24 * 100 + 1), {}, "begin_at", "A call begins at most 92 days ahead."),
        ((-5, -4), {}, "end_at", "It is over already, and nothing can follow it any more."),
        ((1, 2), {"call_id": ""}, "call_id", "This field is required."),
        ((1, 2), {"call_id": "n" * 101}, "call_id", "at most 100 characters"),
        ((1, 2), {"begin_at": "noonish"}, "begin_at", "Enter a valid date/time."),
    ],
)
def test_a_wrong_call_says_what_is_wrong_at_its_field_and_keeps_what_was_typed(world, hours, more, field, words):
    begin, end = (noon() + hour * HOUR for hour in hours)

    answer = by_session(world.ada).post(PAGE, said(begin, end, **more))

    assert answer.status_code == 400
    assert any(words in error for error in answer.context["page"].form.errors[field])
    assert f'value="{said(begin, end, **more)["begin_at"]}"' in answer.content.decode()
    assert not ProgrammeCall.objects.exists()


@pytest.mark.parametrize(
    ("more", "status", "name"),
    [
        ({"programme": "Nobody's"}, 400, "programme"),
        ({"call_id": "a\tb"}, 400, "call_id"),
        ({"call_id": "a\x00b"}, 400, "call_id"),
        ({"begin_at": "tomorrow"}, 400, "begin_at"),
        ({"end_at": None}, 400, "end_at"),
        ({"begin_at": "0001-01-01T00:00:00Z"}, 400, "end_at"),
        ({"end_at": "9999-12-31T23:59:59+00:00"}, 400, "end_at"),
    ],
)
def test_by_rest_what_is_wrong_is_named(world, more, status, name):
    answer = post(aggregator(world), said(**more))

    assert answer.status_code == status, answer.content
    assert [one["name"] for one in answer.json()["parameters"]] == [name]
    assert not ProgrammeCall.objects.exists()


def test_a_call_outside_its_programme_and_one_over_another_are_refused(world):
    client, begin = aggregator(world), noon()
    promise(world.pecos, "Summer", valid_until=date(2025, 9, 30))
    post(client, said(begin))

    late = post(client, said(begin, programme="Summer"))
    double = post(client, said(begin + HOUR / 2, call_id="E-18"))

    assert (late.status_code, late.json()["detail"]) == (409, "The programme does not hold on that day.")
    assert (double.status_code, double.json()["detail"]) == (
        409, "Call E-17 of this programme covers some of that time: withdraw it first.",
    )  # fmt: skip
    assert post(client, said(begin + HOUR, call_id="E-19")).status_code == 201


def test_a_call_is_withdrawn_by_rest_and_stays_so(world):
    client, name = aggregator(world), {"programme": "Emergency response", "call_id": "E-17"}
    body = said()
    post(client, body)

    first, again = (post(client, name, f"{API}withdraw/") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["withdrawn_at"] == again.json()["withdrawn_at"] is not None
    assert post(client, body).json()["withdrawn_at"] == first.json()["withdrawn_at"]
    assert AuditEvent.objects.filter(verb="call.withdrawn").count() == 1
    assert post(client, name | {"call_id": "E-99"}, f"{API}withdraw/").status_code == 400


def test_a_call_is_withdrawn_on_the_page_and_another_takes_its_time(world):
    client, begin = by_session(world.ada), noon()
    client.post(PAGE, said(begin))
    pk = ProgrammeCall.objects.get().pk

    once = client.post(f"{PAGE}calls/{pk}/withdraw/", follow=True).content.decode()
    twice = client.post(f"{PAGE}calls/{pk}/withdraw/", follow=True).content.decode()

    assert "Call E-17 is withdrawn." in once
    assert "Call E-17 was already withdrawn." in twice
    assert client.post(PAGE, said(begin, call_id="E-18")).status_code == 302


def test_what_is_over_stays_as_it_was(world):
    row = over(world)

    answer = by_session(world.ada).post(f"{PAGE}calls/{row.pk}/withdraw/", follow=True).content.decode()
    name = {"programme": "Emergency response", "call_id": "E-1"}

    assert "The call is over: what has been stays on record." in answer
    assert post(aggregator(world), name, f"{API}withdraw/").status_code == 409
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_a_call_that_holds_stands_in_the_title_with_the_notice_that_was_given(world):
    now = clock.now()
    ProgrammeCall.objects.create(
        programme=Programme.objects.get(), call_id="E-5", begin_at=now - HOUR, end_at=now + HOUR,
        called_at=now - HOUR - timedelta(minutes=12),
    )  # fmt: skip

    page = " ".join(by_session(world.ada).get(PAGE).content.decode().split())

    assert f"Pecos: called by Emergency response until {now + HOUR:%H:%M} UTC" in page
    assert '12 <span class="quiet">of 30 agreed</span>' in page


def test_who_only_looks_tells_nothing_and_another_tenant_finds_nothing(world):
    row, cy = over(world), by_session(world.cy)
    assert cy.get(PAGE).status_code == 404
    assert post(aggregator(world, world.cy), said()).status_code == 404
    assert post(aggregator(world, world.cy), {}, f"{API}withdraw/").status_code == 404

    Membership.objects.create(user=world.cy, site=world.pecos, role=Role.VIEWER)
    assert "Tell a call" not in cy.get(PAGE).content.decode()
    assert cy.post(PAGE, said()).status_code == 403
    assert cy.post(f"{PAGE}calls/{row.pk}/withdraw/").status_code == 403
    assert post(aggregator(world, world.cy), said()).status_code == 403
    assert cy.post("/sites/GHOST/programmes/", said()).status_code == 400
    assert not AuditEvent.objects.filter(verb__startswith="call.").exists()


def test_a_key_that_only_reads_tells_nothing(world):
    reader = by_key(key_of(world.ada))
    assert post(reader, said()).json()["code"] == "scope_missing"
    assert reader.get(API).json() == []


def test_a_call_of_another_sites_programme_is_not_reached(world):
    promise(world.ghost, "Ghosts")
    foreign = ProgrammeCall.objects.create(
        programme=Programme.objects.get(name="Ghosts"), call_id="G-1", begin_at=noon(), end_at=noon() + HOUR,
        called_at=clock.now(),
    )  # fmt: skip

    assert by_session(world.ada).post(f"{PAGE}calls/{foreign.pk}/withdraw/").status_code == 404
    assert post(aggregator(world), said(programme="Ghosts")).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_overlapping_calls_at_once_leave_one(world):
    begin, came = noon(), []

    def tell(number: str) -> None:
        try:
            came.append(calls.tell(world.bo, world.pecos, Called("Emergency response", number, begin, begin + HOUR)))
        except calls.CallRefused as why:
            came.append(str(why))
        finally:
            connection.close()

    both = [Thread(target=tell, args=(number,)) for number in ("A", "B")]
    for one in both:
        one.start()
    for one in both:
        one.join()

    kept = ProgrammeCall.objects.get()
    assert f"call {kept.call_id} of this programme covers some of that time: withdraw it first" in came
    assert len(came) == 2
