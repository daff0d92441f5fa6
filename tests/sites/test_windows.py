"""Windows in which machines are planned to be off."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from cango_ops.base.clock import database_now
from cango_ops.base.models import AuditEvent
from sites import windows
from sites.models import Membership, PlannedWindow, Role
from sites.windows import Place, Wanted, WindowRefused
from tests.base.threads import in_threads
from tests.worlds import HOUR, make_world, plan_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def wanted(begin_h, end_h, kind="maintenance", reason="new fans", place=windows.WHOLE):
    now = database_now()
    return Wanted(kind, now + begin_h * HOUR, now + end_h * HOUR, reason, place)


def test_a_window_is_entered_with_who_and_why_and_goes_on_record(world):
    row = windows.plan(world.ada, world.pecos, wanted(-3, 2))

    assert (row.entered_by, row.reason, row.place) == (world.ada, "new fans", "PECOS")
    assert AuditEvent.objects.get(verb="window.planned").detail["reason"] == "new fans"
    assert list(PlannedWindow.objects.at(database_now())) == [row]


def test_a_window_may_be_entered_afterwards_and_ahead(world):
    windows.plan(world.ada, world.pecos, wanted(-48, -47))
    windows.plan(world.ada, world.pecos, wanted(47, 48, "relocation"))

    assert PlannedWindow.objects.at(database_now()).count() == 0
    assert PlannedWindow.objects.standing().count() == 2


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        ("all", "all", True), ("all", "C1", True), ("C1", "all", True), ("C1", "C1", True), ("C1", "C2", False),
    ],
)  # fmt: skip
def test_no_machine_is_in_two_windows_at_once(world, first, second, is_refused):
    places = {"all": windows.WHOLE, "C1": Place(world.c1.pk, "C1"), "C2": Place(world.c1.pk + 1000, "C2")}
    windows.plan(world.ada, world.pecos, wanted(0, 2, place=places[first]))

    if not is_refused:
        windows.plan(world.ada, world.pecos, wanted(1, 3, place=places[second]))
        return
    with pytest.raises(WindowRefused, match="it overlaps another window of the same machines"):
        windows.plan(world.ada, world.pecos, wanted(1, 3, "relocation", place=places[second]))


def test_windows_that_touch_do_not_overlap_and_one_taken_back_stands_in_nobodys_way(world):
    whole = windows.plan(world.ada, world.pecos, wanted(0, 2))
    begin = whole.end_at
    windows.plan(world.ada, world.pecos, Wanted("maintenance", begin, begin + HOUR, "second part"))

    assert windows.withdraw(world.ada, whole)
    assert not windows.withdraw(world.ada, whole)
    windows.plan(world.ada, world.pecos, wanted(0, 1))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_the_same_window_at_once_one_is_refused():
    world, one = make_world(), wanted(0, 2)

    def work():
        try:
            windows.plan(world.ada, world.pecos, one)
        except WindowRefused:
            return "refused"
        return "entered"

    assert sorted(in_threads(4, work)) == ["entered", "refused", "refused", "refused"]


def test_the_database_itself_refuses_an_overlap(world):
    plan_off(world.pecos)

    with pytest.raises(IntegrityError, match="window_once_a_place"), transaction.atomic():
        plan_off(world.pecos, world.c1)


def test_a_window_that_is_ended_early_holds_no_longer(world):
    row = windows.plan(world.ada, world.pecos, wanted(-1, 5))

    assert windows.end_now(world.ada, row)

    assert PlannedWindow.objects.at(database_now()).count() == 0
    assert not windows.end_now(world.ada, row)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (wanted, "it ends before it begins"), (lambda *_: wanted(0, 1, reason="  "), "say why"),
        (lambda *_: wanted(0, 1, kind="holiday"), "it is maintenance or relocation"),
        (lambda *_: wanted(0, 24 * 93), "lasts at most 92 days"),
        (lambda *_: wanted(-24 * 401, -24 * 400), "at most 400 days before or after"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(world, one, why):
    with pytest.raises(WindowRefused, match=why):
        windows.plan(world.ada, world.pecos, one(2, 1))


def test_who_only_looks_enters_nothing_and_takes_nothing_back(world):
    Membership.objects.create(user=world.cy, site=world.pecos, role=Role.VIEWER)
    row = plan_off(world.pecos)

    for deed in (
        lambda: windows.plan(world.cy, world.pecos, wanted(5, 6)),
        lambda: windows.end_now(world.cy, row),
        lambda: windows.withdraw(world.cy, row),
    ):
        with pytest.raises(WindowRefused, match="your role") as refusal:
            deed()
        assert refusal.value.is_right


def test_what_overlaps_a_span_is_found_by_it(world):
    now = database_now()
    row = plan_off(world.pecos, begin_at=now - HOUR, end_at=now + HOUR)

    assert list(PlannedWindow.objects.between(now, now + 5 * HOUR)) == [row]
    assert not PlannedWindow.objects.between(row.end_at, row.end_at + timedelta(days=1)).exists()
