"""Who sees which alert: every scope against every person."""

import pytest

from cango_ops.alerts.models import Alert
from cango_ops.web.alerts.seen import may_act, may_silence_site, seen
from sites.models import Membership, Role, Site
from tests.web.alerts.worlds import one_of_each
from tests.worlds import make_user, make_world
from treasury.proposals.insiders import enlist

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world()


def names(user, alerts) -> set[str]:
    ids = set(Alert.objects.filter(seen(user)).values_list("pk", flat=True))
    return {name for name, one in alerts.items() if one.pk in ids}


def with_role(role: str, **scope: object):
    user = make_user(f"{role}-{'-'.join(scope)}")
    Membership.objects.create(user=user, role=role, **scope)
    return user


def test_each_person_sees_what_is_theirs_and_no_more(world):
    alerts = one_of_each(world)
    every_site = {"PECOS", "MUSCAT", "GHOST"}

    assert names(world.ada, alerts) == {"PECOS", "all"}
    assert names(world.cy, alerts) == {"GHOST", "partner", "all"}
    assert names(world.bo, alerts) == every_site | {"cango", "partner", "console", "all"}
    assert names(make_user("New"), alerts) == set()


@pytest.mark.parametrize("role", Role.values)
def test_the_treasurys_alerts_are_seen_by_whom_its_pages_let_in(world, role, client):
    alerts = one_of_each(world)
    user = with_role(role)
    client.force_login(user)

    lets_in = client.get("/treasury/").status_code == 200

    assert ("treasury" in names(user, alerts)) == lets_in
    assert "treasury" not in names(with_role(role, operator=world.company), alerts)


def test_an_insiders_list_keeps_the_treasurys_alerts_to_those_on_it(world):
    alerts = one_of_each(world)
    on, off, keeper = (with_role(Role.TREASURER), with_role(Role.ADMIN), with_role(Role.INVESTOR_RELATIONS))
    enlist(on, "keeps the company's books", keeper)

    assert ["treasury" in names(user, alerts) for user in (on, off, keeper)] == [True, False, False]


@pytest.mark.parametrize("role", Role.values)
def test_of_sites_the_gate_is_the_one_of_every_page(world, role):
    alerts = one_of_each(world)

    for scope in ({}, {"operator": world.partner}, {"site": world.muscat}):
        user = with_role(role, **scope)
        mine = set(Site.objects.visible_to(user).values_list("code", flat=True))
        assert names(user, alerts) & {"PECOS", "MUSCAT", "GHOST"} == mine


def test_one_who_left_sees_nothing(world):
    alerts = one_of_each(world)
    world.bo.is_active = False

    assert names(world.bo, alerts) == set()


def test_a_token_sees_no_more_than_its_sites_and_its_scopes(world):
    alerts = one_of_each(world)
    admin = with_role(Role.ADMIN)
    admin.token_rights = frozenset({"see"})
    assert {"treasury", "console"} & names(admin, alerts) == set()

    admin.token_site_ids = frozenset({world.muscat.pk})

    assert names(admin, alerts) == {"MUSCAT"}


def test_who_operates_the_place_may_act_there(world):
    alerts = one_of_each(world)
    viewer, treasurer = with_role(Role.VIEWER), with_role(Role.TREASURER)

    assert may_act(world.ada, alerts["PECOS"])
    assert not may_act(world.ada, alerts["MUSCAT"])
    assert not may_silence_site(world.ada, alerts["PECOS"])
    assert may_silence_site(world.bo, alerts["PECOS"])
    assert may_act(world.cy, alerts["partner"])
    assert may_act(treasurer, alerts["treasury"])
    assert not may_act(world.bo, alerts["treasury"])
    assert not any(may_act(viewer, one) for one in alerts.values())
