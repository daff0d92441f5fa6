import uuid

import pytest

from compute.commands import hold
from compute.commands.refusal import Refused
from compute.models import Hold
from sites.models import Membership, Role
from tests.base.threads import in_threads
from tests.worlds import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world(1)


def press(actor, **where):
    return hold.press(uuid.uuid4(), actor, **where)


def test_a_hold_covers_its_site_its_operator_or_everything(world):
    press(world.ada, site=world.pecos)
    assert [hold.is_held(site) for site in (world.pecos, world.muscat, world.ghost)] == [True, False, False]
    press(world.bo, operator=world.company)
    assert [hold.is_held(site) for site in (world.pecos, world.muscat, world.ghost)] == [True, True, False]
    press(world.bo)
    assert hold.is_held(world.ghost)


def test_nobody_holds_what_is_not_theirs_to_operate(world):
    for where in ({"site": world.ghost}, {"operator": world.company}, {}):
        with pytest.raises(Refused):
            press(world.ada, **where)
    with pytest.raises(Refused):
        press(world.cy, site=world.pecos)
    press(world.cy, operator=world.partner)


def test_pressed_twice_it_is_the_one_that_stands(world):
    assert press(world.ada, site=world.pecos) == press(world.ada, site=world.pecos)
    assert Hold.objects.count() == 1


def test_lifting_takes_somebody_who_may_approve_and_works_once(world):
    placed = press(world.ada, site=world.pecos)
    with pytest.raises(Refused):
        hold.lift(placed, world.ada)
    assert hold.lift(placed, world.bo)
    assert not hold.lift(placed, world.bo)
    assert not hold.is_held(world.pecos)
    Membership.objects.create(user=world.ada, role=Role.MANAGER, site=world.pecos)
    assert press(world.ada, site=world.pecos) != placed


@pytest.mark.django_db(transaction=True)
def test_ten_people_press_at_once_and_one_hold_stands(world):
    in_threads(10, lambda: press(world.bo, operator=world.company))
    assert Hold.objects.filter(lifted_at=None).count() == 1
