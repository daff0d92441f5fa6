"""Who sees which site, and who may do what there."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from compute.models import Container, Device
from sites import rights
from sites.models import Membership, Role, Site
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db


def codes(user) -> list[str]:
    return [site.code for site in Site.objects.visible_to(user)]


def test_a_member_of_one_site_sees_that_site():
    assert codes(make_world().ada) == ["PECOS"]


def test_a_member_of_the_whole_network_sees_every_site():
    assert codes(make_world().bo) == ["GHOST", "MUSCAT", "PECOS"]


def test_a_partner_sees_the_partners_sites_only():
    assert codes(make_world().cy) == ["GHOST"]


def test_a_site_that_joins_the_operator_is_seen_at_once():
    world = make_world()
    Site.objects.filter(code="MUSCAT").update(operator=world.partner)
    assert codes(world.cy) == ["GHOST", "MUSCAT"]


def test_nobody_sees_anything_without_signing_in():
    make_world()
    assert codes(AnonymousUser()) == []


def test_a_person_without_membership_sees_nothing():
    make_world()
    assert codes(make_user("Dee")) == []


def test_a_deactivated_person_sees_nothing():
    world = make_world()
    world.bo.is_active = False
    assert codes(world.bo) == []


def test_a_token_narrows_what_its_owner_sees():
    world = make_world()
    world.bo.token_site_ids = frozenset({world.muscat.pk})
    assert codes(world.bo) == ["MUSCAT"]


def test_a_token_never_widens_what_its_owner_sees():
    world = make_world()
    world.cy.token_site_ids = frozenset({world.pecos.pk})
    assert codes(world.cy) == []


def test_containers_and_devices_pass_the_same_gate():
    world = make_world(devices=4)
    assert [box.code for box in Container.objects.visible_to(world.cy)] == ["G1"]
    assert Device.objects.visible_to(world.cy).count() == 2
    assert Device.objects.visible_to(world.ada).count() == 4


def test_two_memberships_of_one_site_show_it_once():
    world = make_world()
    Membership.objects.create(user=world.ada, role=Role.VIEWER, operator=world.company)
    assert codes(world.ada) == ["MUSCAT", "PECOS"]


def test_an_operator_operates_but_does_not_approve():
    world = make_world()
    assert rights.may(world.ada, rights.OPERATE, world.pecos)
    assert not rights.may(world.ada, rights.APPROVE, world.pecos)


def test_a_right_at_one_site_is_no_right_at_another():
    world = make_world()
    assert not rights.may(world.ada, rights.OPERATE, world.muscat)
    assert not rights.may(world.ada, rights.OPERATE)


def test_a_manager_of_the_network_approves_everywhere():
    world = make_world()
    assert rights.may(world.bo, rights.APPROVE, world.ghost)
    assert rights.may(world.bo, rights.APPROVE)


def test_every_role_may_at_least_see():
    assert set(rights.RIGHTS) == set(Role.values)
    assert all(rights.SEE in granted for granted in rights.RIGHTS.values())


def test_a_membership_names_a_site_or_an_operator_but_not_both():
    world = make_world()
    with pytest.raises(IntegrityError, match="membership_names_one_scope"):
        Membership.objects.create(user=world.ada, role=Role.VIEWER, site=world.pecos, operator=world.company)
