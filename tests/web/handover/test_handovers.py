"""The handover: what stands open is frozen, another person confirms having read it, partners see their own alone."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cango_ops.alerts.acknowledge import acknowledge
from cango_ops.alerts.models import Alert, Silence
from cango_ops.base import audit, clock
from cango_ops.base.models import AuditEvent
from compute.commands import hold
from compute.models import Command
from sites import handovers, notes, windows
from sites.models import Handover, Membership, Role
from tests.web import api_routes
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_user, make_world, plan_off

pytestmark = pytest.mark.django_db

NEW = "/handovers/new/?site=PECOS"


@pytest.fixture
def world():
    return make_world()


@pytest.fixture
def dee(world):
    """The next shift at Pecos."""
    person = make_user("Dee")
    Membership.objects.create(user=person, role=Role.OPERATOR, site=world.pecos)
    return person


def handed(client, address=NEW, request_id=None, words="Watch pump 2."):
    return client.post(address, {"request_id": str(request_id or uuid.uuid4()), "words": words})


def much_at_pecos(world):
    now, site = clock.now(), world.pecos
    Alert.objects.filter(pk=api_routes.alert(site)).update(usd_per_h="12.50", fired_at=now)
    Silence.objects.create(
        site_id=site.pk, place="PECOS", reason="grid works", placed_by=world.bo, placed_at=now,
        until_at=now + timedelta(hours=1),
    )  # fmt: skip
    order = api_routes.order(site)
    Command.objects.filter(order_id=order).update(state="unknown", ended_at=now, reason="no answer")
    api_routes.decision(site)
    hold.press(uuid.uuid4(), world.bo, site=site, reason="storm")
    plan_off(site, world.c1)
    notes.write(uuid.uuid4(), world.ada, site, "belt replaced")
    wanted = windows.Wanted("maintenance", now + timedelta(hours=3), now + timedelta(hours=4), "new fuses")
    windows.plan(world.ada, site, wanted)


def sections(client, pk):
    said = client.get(f"/api/v1/handovers/{pk}/").json()["sections"]
    return {one["key"]: [row["words"] for row in one["rows"]] for one in said}


def test_it_is_filled_with_what_stands_open_and_what_was_changed(world):
    much_at_pecos(world)
    client = by_session(world.ada)

    assert handed(client).status_code == 302

    found = sections(client, Handover.objects.get().pk)
    assert found["alerts"] == ["Too hot. Pecos ($12.50 an hour)"]
    assert "grid works" in found["silences"][0]
    assert found["orders"][0].endswith("Waiting for approval; 0 confirmed, 0 failed, 1 unknown of 1")
    assert found["unknown"] == ["Sleep: nobody knows what it did. no answer"]
    assert found["holds"] == ["hold of PECOS: nothing automatic leaves (storm)"]
    assert found["notes"] == ["belt replaced"]
    assert [words.partition(" until ")[0] for words in found["windows"]] == ["Maintenance", "Maintenance"]
    assert len(found["decisions"]) == 1
    assert found["changes"] == ["Window planned: new fuses", "Note written: belt replaced", "Hold placed: storm"]


def test_what_was_handed_over_stays_as_it_was(world, dee):
    much_at_pecos(world)
    handed(by_session(world.ada))
    one = Handover.objects.get()
    before = by_session(dee).get(f"/handovers/{one.pk}/").content.decode()

    acknowledge(Alert.objects.get(), dee)
    Alert.objects.update(sentence="something else")

    after = by_session(dee).get(f"/handovers/{one.pk}/").content.decode()
    assert "Watch pump 2." in after
    assert "Pecos ($12.50 an hour)" in after
    assert before.count("<tr>") == after.count("<tr>")


def test_a_handover_that_was_changed_behind_the_console_s_back_says_so(world):
    handed(by_session(world.ada))
    one = Handover.objects.get()
    page = f"/handovers/{one.pk}/"
    assert "unchanged since, by the audit chain" in by_session(world.ada).get(page).content.decode()

    Handover.objects.update(words="All is well.", sha256=handovers.digest(one.content, "All is well."))

    assert "not what the audit chain says" in by_session(world.ada).get(page).content.decode()


def test_another_person_confirms_and_both_names_are_in_the_audit_chain(world, dee):
    handed(by_session(world.ada))
    one = Handover.objects.get()
    confirm = f"/handovers/{one.pk}/confirm/"

    own = by_session(world.ada).post(confirm, follow=True).content.decode()
    assert "You made it, so somebody else confirms having read it." in own

    for _ in range(2):
        assert by_session(dee).post(confirm).status_code == 302

    one.refresh_from_db()
    assert one.confirmed_by == dee
    made, read = AuditEvent.objects.filter(target=f"handover/{one.pk}").order_by("sequence")
    assert (made.verb, made.actor, read.verb, read.actor) == (
        "handover.made", "ada@example.com", "handover.confirmed", "dee@example.com"
    )  # fmt: skip
    assert read.detail["made_by"] == str(world.ada)
    assert read.detail["sha256"] == made.detail["sha256"] == one.sha256
    assert audit.verify().wrong is None


def test_who_comes_second_is_told_who_was_first(world, dee):
    handed(by_session(world.ada))
    one = Handover.objects.get()
    by_session(dee).post(f"/handovers/{one.pk}/confirm/")

    said = by_session(world.bo).post(f"/handovers/{one.pk}/confirm/", follow=True).content.decode()

    assert f"It was confirmed by {dee}." in said


def test_the_database_refuses_that_one_confirms_one_s_own(world):
    handed(by_session(world.ada))

    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.update(confirmed_by=world.ada, confirmed_at=clock.now())


def test_pressed_twice_it_is_one_handover(world):
    client, request_id = by_session(world.ada), uuid.uuid4()

    answers = [handed(client, request_id=request_id).url for _ in range(2)]

    assert answers[0] == answers[1]
    assert Handover.objects.count() == 1
    assert AuditEvent.objects.filter(verb="handover.made").count() == 1


def test_a_partner_hands_over_own_sites_and_sees_no_other_s(world):
    api_routes.alert(world.pecos)
    handed(by_session(world.bo), "/handovers/new/")
    client = by_session(world.cy)
    foreign = Handover.objects.get().pk

    assert client.get(NEW).status_code == handed(client).status_code == 404
    assert client.get(f"/handovers/{foreign}/").status_code == 404
    assert client.post(f"/handovers/{foreign}/confirm/").status_code == 404
    assert client.get(f"/api/v1/handovers/{foreign}/").status_code == 404
    assert handed(client, "/handovers/new/").status_code == 302
    assert list(Handover.objects.exclude(pk=foreign).get().sites.all()) == [world.ghost]
    assert "PECOS" not in client.get("/handovers/").content.decode()


def test_one_of_several_sites_that_is_not_seen_hides_the_whole_handover(world):
    handed(by_session(world.bo), "/handovers/new/")

    assert Handover.objects.get().content["sites"] == ["GHOST", "MUSCAT", "PECOS"]
    assert not Handover.objects.visible_to(world.ada).exists()
    assert "Nobody has handed over yet" in by_session(world.ada).get("/handovers/").content.decode()


def test_who_only_looks_reads_and_neither_hands_over_nor_confirms(world):
    looks = make_user("Eve")
    Membership.objects.create(user=looks, role=Role.VIEWER, site=world.pecos)
    handed(by_session(world.ada))
    client, pk = by_session(looks), Handover.objects.get().pk

    assert client.get(NEW).status_code == handed(client).status_code == 403
    assert client.get(f"/handovers/{pk}/").status_code == 200
    assert client.post(f"/handovers/{pk}/confirm/").status_code == 403
    assert client.get("/handovers/new/").status_code == 403


def test_a_shift_begins_where_the_last_one_of_the_same_sites_ended(world):
    client = by_session(world.ada)
    handed(client)
    first = Handover.objects.get()

    handed(client)
    handed(by_session(world.bo), "/handovers/new/")

    of_all, second, _ = Handover.objects.order_by("-pk")
    assert second.shift_began_at == first.made_at
    assert of_all.made_at - of_all.shift_began_at > timedelta(hours=11)


@pytest.mark.parametrize(
    ("address", "form", "code"),
    [("/handovers/new/?shift=9", {}, 400), (NEW, {"request_id": "x"}, 400),
     (NEW, {"request_id": str(uuid.uuid4()), "words": "x" * 4001}, 400), ("/handovers/new/?site=NOWHERE", {}, 404)],
)  # fmt: skip
def test_a_wrong_form_hands_nothing_over(world, address, form, code):
    assert by_session(world.ada).post(address, form).status_code == code
    assert not Handover.objects.exists()


def test_too_many_words_stay_in_the_form(world):
    said = handed(by_session(world.ada), words="pump " * 900).content.decode()

    assert "Your words are at most 4000 characters." in said
    assert "pump pump" in said


def test_the_page_names_zone_and_time_for_print_and_shows_no_controls_there(world):
    handed(by_session(world.ada))

    said = by_session(world.ada).get(f"/handovers/{Handover.objects.get().pk}/").content.decode()

    assert "times in America/Chicago" in said
    assert "as of <time" in said


# By REST


def asked(world, **more):
    return {"request_id": str(uuid.uuid4()), "sites": ["PECOS"], "words": "by a program", **more}


def test_a_program_hands_over_with_the_scope_to_write(world, dee):
    write = by_key(key_of(world.ada, scopes=("read", "write")))
    read = by_key(key_of(dee))

    assert read.post("/api/v1/handovers/", asked(world), content_type="application/json").status_code == 403
    answer = write.post("/api/v1/handovers/", asked(world, shift="8"), content_type="application/json")

    assert answer.status_code == 201
    (listed,) = read.get("/api/v1/handovers/").json()["results"]
    assert (listed["words"], listed["sites"], listed["confirmed_by"]) == ("by a program", ["PECOS"], None)
    foreign = asked(world, sites=["PECOS", "MUSCAT"])
    assert write.post("/api/v1/handovers/", foreign, content_type="application/json").status_code == 404


def test_that_one_has_read_it_takes_a_person(world, dee):
    handed(by_session(world.ada))
    address = f"/api/v1/handovers/{Handover.objects.get().pk}/confirm/"

    assert by_key(key_of(dee, scopes=("read", "write"))).post(address).status_code == 403
    assert by_session(world.ada).post(address).status_code == 409
    assert by_session(world.cy).post(address).status_code == 404
    assert by_session(dee).post(address).json()["confirmed_by"] == str(dee)
