"""Who adds people, gives and takes roles and ends accounts, and how far each of them reaches."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from cango_ops.base.models import AuditEvent, User
from sites import password_links, people
from sites.models import ApiToken, Membership, Role
from sites.people import IsHere, PeopleRefused, Place
from tests.base.threads import in_threads
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world(devices=1)


def admin(name: str, **where) -> User:
    person = make_user(name)
    Membership.objects.create(user=person, role=Role.ADMIN, **where)
    return person


def is_taken(deed, *words) -> bool:
    try:
        deed(*words)
    except PeopleRefused:
        return False
    return True


def roles(person: User) -> set[tuple[str, str]]:
    held = Membership.objects.filter(user=person).select_related("operator", "site")
    return {(one.role, str(Place(one.operator, one.site))) for one in held}


def test_a_person_is_added_with_a_role_and_without_a_password(world):
    zoe = people.add(admin("Ann"), "Zoe.Lee@Example.com", "Zoe Lee", Role.OPERATOR, Place(site=world.pecos))

    assert (zoe.email, str(zoe), zoe.has_usable_password()) == ("zoe.lee@example.com", "Zoe Lee", False)
    assert roles(zoe) == {("operator", "PECOS")}
    assert EmailAddress.objects.get(user=zoe).verified
    event = AuditEvent.objects.get(verb="person.added")
    assert (event.actor, event.target) == ("ann@example.com", f"user/{zoe.pk}")
    assert event.detail == {"email": "zoe.lee@example.com", "name": "Zoe Lee", "role": "operator", "at": "PECOS"}


@pytest.mark.parametrize("spelt", ["bo@example.com", "BO@EXAMPLE.COM", "Bo@Example.com"])
def test_one_e_mail_is_one_person_however_it_is_spelt(world, spelt):
    with pytest.raises(IsHere, match=r"bo@example\.com is here already"):
        people.add(admin("Ann"), spelt, "Bo", Role.VIEWER, Place())

    assert User.objects.count() == 4


def test_capitals_beyond_ascii_are_one_spelling_too(world):
    ann = admin("Ann")
    people.add(ann, "zoe@école.example", "Zoe", Role.VIEWER, Place())

    with pytest.raises(IsHere):
        people.add(ann, "zoe@ÉCOLE.example", "Zoe", Role.VIEWER, Place())


def test_a_second_proven_address_is_the_person_s_too(world):
    EmailAddress.objects.create(user=world.bo, email="bo@home.example", verified=True)

    with pytest.raises(IsHere):
        people.add(admin("Ann"), "bo@home.example", "Bo", Role.VIEWER, Place())


def test_an_address_that_somebody_only_claims_is_free(world):
    EmailAddress.objects.create(user=world.cy, email="zoe@example.com", verified=False)

    zoe = people.add(admin("Ann"), "zoe@example.com", "Zoe", Role.VIEWER, Place())

    assert zoe != world.cy


def test_a_role_is_given_once(world):
    ann = admin("Ann")
    people.give(ann, world.ada, Role.MANAGER, Place(site=world.pecos))

    with pytest.raises(PeopleRefused, match=r"ada@example\.com is duty manager at PECOS already"):
        people.give(ann, world.ada, Role.MANAGER, Place(site=world.pecos))

    assert roles(world.ada) == {("operator", "PECOS"), ("manager", "PECOS")}


def test_a_role_is_taken_and_ends_at_once(world):
    ann = admin("Ann")
    people.give(ann, world.ada, Role.VIEWER, Place(site=world.muscat))
    client = by_session(world.ada)
    held = Membership.objects.get(user=world.ada, role=Role.OPERATOR)

    people.take(ann, world.ada, held.pk)

    assert client.get("/sites/PECOS/").status_code == 404
    assert AuditEvent.objects.get(verb="role.taken").detail == {"role": "operator", "at": "PECOS"}
    with pytest.raises(PeopleRefused, match="does not hold that role any more"):
        people.take(ann, world.ada, held.pk)


def test_the_last_role_of_a_person_is_not_taken(world):
    with pytest.raises(PeopleRefused, match="last role"):
        people.take(admin("Ann"), world.ada, Membership.objects.get(user=world.ada).pk)


def test_nobody_takes_their_own_admin_right_or_ends_themselves(world):
    ann = admin("Ann")
    people.give(ann, ann, Role.VIEWER, Place())

    with pytest.raises(PeopleRefused, match="by another admin, never by yourself"):
        people.take(ann, ann, Membership.objects.get(user=ann, role=Role.ADMIN).pk)
    with pytest.raises(PeopleRefused, match="by another admin, never by yourself"):
        people.deactivate(ann, ann)

    assert roles(ann) == {("admin", "every site"), ("viewer", "every site")}


def test_deactivating_ends_sessions_and_tokens_for_good(world):
    ann, client, key = admin("Ann"), by_session(world.bo), key_of(world.bo)

    people.deactivate(ann, world.bo)

    assert client.get("/").status_code == 302
    assert by_key(key).get("/api/v1/me/").status_code == 401
    people.reactivate(ann, world.bo)
    assert client.get("/").status_code == 302
    assert by_key(key).get("/api/v1/me/").status_code == 401
    assert ApiToken.objects.filter(revoked_at=None).count() == 0
    assert roles(world.bo) == {("manager", "every site")}
    verbs = AuditEvent.objects.filter(target=f"user/{world.bo.pk}").order_by("sequence").values_list("verb", flat=True)
    assert list(verbs) == ["person.deactivated", "person.reactivated"]


def test_what_two_admins_do_to_one_person_is_done_once(world):
    ann, ben = admin("Ann"), admin("Ben")
    people.deactivate(ann, world.bo)

    with pytest.raises(PeopleRefused, match="deactivated already"):
        people.deactivate(ben, world.bo)

    people.reactivate(ann, world.bo)
    with pytest.raises(PeopleRefused, match="let in again already"):
        people.reactivate(ben, world.bo)


def test_who_was_admin_when_the_page_was_opened_is_not_for_that_admin_now(world):
    ann, ben = admin("Ann"), admin("Ben")
    people.deactivate(ann, ben)

    for deed in (people.deactivate, people.reactivate, people.invite):
        with pytest.raises(PeopleRefused, match="You do not manage this person any more"):
            deed(ben, ann)
    with pytest.raises(PeopleRefused, match="You do not administer every site"):
        people.add(ben, "zoe@example.com", "Zoe", Role.VIEWER, Place())


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_end_each_other_at_once_one_is_left(world):
    ann, ben = admin("Ann"), admin("Ben")
    deeds = [(ann, ben), (ben, ann)]

    done = in_threads(2, lambda: is_taken(people.deactivate, *deeds.pop()))

    assert sorted(done) == [False, True]
    assert User.objects.filter(pk__in=[ann.pk, ben.pk], is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_added_by_two_admins_at_once_is_one_person(world):
    deeds = [(admin("Ann"), "zoe@example.com"), (admin("Ben"), "ZOE@example.com")]

    done = in_threads(2, lambda: is_taken(people.add, *deeds.pop(), "Zoe", Role.VIEWER, Place()))

    assert sorted(done) == [False, True]
    assert User.objects.filter(email="zoe@example.com").count() == 1


# How far an admin reaches


def test_an_operator_s_admin_sees_and_manages_the_people_of_that_operator(world):
    gil = admin("Gil", operator=world.partner)
    hal = make_user("Hal")
    Membership.objects.create(user=hal, role=Role.VIEWER, site=world.ghost)

    assert set(people.seen_in(people.reach_of(gil))) == {gil, world.cy, hal}
    people.give(gil, hal, Role.OPERATOR, Place(operator=world.partner))
    people.deactivate(gil, world.cy)
    for place in (Place(), Place(operator=world.company), Place(site=world.pecos)):
        with pytest.raises(PeopleRefused, match="You do not administer"):
            people.give(gil, hal, Role.VIEWER, place)
    for person in (world.ada, world.bo):
        with pytest.raises(PeopleRefused, match="You do not manage this person"):
            people.deactivate(gil, person)


def test_of_who_works_for_two_an_operator_s_admin_has_only_the_own_roles(world):
    gil = admin("Gil", operator=world.partner)
    Membership.objects.create(user=world.ada, role=Role.VIEWER, operator=world.partner)
    at_pecos = Membership.objects.get(user=world.ada, site=world.pecos)

    with pytest.raises(PeopleRefused, match="does not hold that role"):
        people.take(gil, world.ada, at_pecos.pk)
    for deed in (people.deactivate, people.invite):
        with pytest.raises(PeopleRefused, match="holds roles elsewhere"):
            deed(gil, world.ada)
    people.take(gil, world.ada, Membership.objects.get(user=world.ada, operator=world.partner).pk)

    assert roles(world.ada) == {("operator", "PECOS")}


def test_an_operator_s_admin_cannot_take_hold_of_somebody_elsewhere_by_the_address(world):
    with pytest.raises(PeopleRefused, match="whom an admin of the company manages") as refused:
        people.add(
            admin("Gil", operator=world.partner), "BO@example.com", "Bo", Role.VIEWER, Place(operator=world.partner)
        )

    assert not isinstance(refused.value, IsHere)


def test_an_admin_of_one_site_reaches_that_site_alone(world):
    ivy = admin("Ivy", site=world.pecos)

    assert set(people.seen_in(people.reach_of(ivy))) == {ivy, world.ada}
    people.give(ivy, world.ada, Role.MANAGER, Place(site=world.pecos))
    with pytest.raises(PeopleRefused, match="You do not administer MUSCAT"):
        people.give(ivy, world.ada, Role.MANAGER, Place(site=world.muscat))


@pytest.mark.parametrize("role", [one for one in Role if one != Role.ADMIN])
def test_no_other_role_reaches_anybody(world, role):
    Membership.objects.filter(user=world.bo).update(role=role)

    assert not people.reach_of(world.bo)
    with pytest.raises(PeopleRefused):
        people.give(world.bo, world.ada, Role.VIEWER, Place())


def test_a_token_of_an_admin_reaches_nobody(world):
    ann = admin("Ann")
    ann.token_rights = frozenset({"administer"})

    assert not people.reach_of(ann)


def test_a_link_from_before_a_deactivation_opens_nothing(world):
    ann = admin("Ann")
    link = password_links.link_for(world.bo).partition("/accounts/")[2]
    people.deactivate(ann, world.bo)
    people.reactivate(ann, world.bo)

    assert "does not hold any more" in Client().get(f"/accounts/{link}", follow=True).text
