"""The pages of people: for admins alone, each within the own reach."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cango_ops.base.models import User
from cango_ops.env import MailServer
from sites.models import Membership, Role
from tests.web.callers import by_key, by_session, by_sure_session, key_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
ZOE = {"email": "Zoe@Example.com", "name": "Zoe Lee", "role": "operator", "reach": "site/PECOS"}


@pytest.fixture
def world():
    return make_world(devices=1)


def admin(name: str, **where) -> User:
    person = make_user(name)
    Membership.objects.create(user=person, role=Role.ADMIN, **where)
    return person


def row_of(text: str, person: User) -> list[str]:
    """The cells of the person's row, in plain words."""
    row = re.search(rf'<tr id="person-{person.pk}".*?</tr>', text, re.DOTALL)[0]
    return [" ".join(re.sub("<[^>]+>", "", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


def rail(text: str) -> bool:
    return '<a href="/people/"' in text


def test_the_list_says_who_is_here_with_what_since_when(world):
    client = by_session(admin("Ann"))
    Authenticator.objects.create(user=world.bo, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=world.cy, type=Authenticator.Type.RECOVERY_CODES, data={})
    User.objects.filter(pk=world.ada.pk).update(is_active=False)

    text = client.get("/people/").text

    assert "<h1>3 people may sign in, 2 without a second factor</h1>" in text
    assert row_of(text, world.bo) == [
        "bo@example.com", "bo@example.com", "Duty manager at every site", "never", "yes", "yes",
    ]  # fmt: skip
    assert row_of(text, world.ada)[2:] == ["Operator at PECOS", "never", "no", "deactivated"]
    assert row_of(text, world.cy)[2:] == ["Operator at Partner Mining", "never", "no", "yes"]


def test_who_does_not_administer_is_refused_and_finds_no_way_there(world):
    client = by_sure_session(world.bo)

    assert client.get("/people/").status_code == 403
    assert client.post("/people/", ZOE).status_code == 403
    assert client.get(f"/people/{world.ada.pk}/").status_code == 404
    for deed in ("deactivate", "reactivate", "invite", "roles/1/take"):
        assert client.post(f"/people/{world.ada.pk}/{deed}/").status_code == 404
    assert not rail(client.get("/alerts/").text)
    assert rail(by_session(admin("Ann")).get("/alerts/").text)


def test_every_deed_asks_for_the_password_once_more(world):
    client = by_session(admin("Ann"))
    held = Membership.objects.get(user=world.ada).pk

    for path in ("", *(f"{world.ada.pk}/{one}" for one in ("", "deactivate/", "invite/", f"roles/{held}/take/"))):
        assert client.post(f"/people/{path}", ZOE)["Location"].startswith("/accounts/reauthenticate/")

    assert User.objects.count() == 4
    assert Membership.objects.count() == 4


def test_who_is_added_is_on_the_list_and_the_link_is_shown_this_once(world):
    client = by_sure_session(admin("Ann"))

    answer = client.post("/people/", ZOE)

    zoe = User.objects.get(email="zoe@example.com")
    assert "Zoe Lee is added." in answer.text
    assert row_of(answer.text, zoe)[:3] == ["Zoe Lee", "zoe@example.com", "Operator at PECOS"]
    assert "no-store" in answer["Cache-Control"]
    link = re.search(r"<code[^>]*>http://127\.0\.0\.1:\d+(/accounts/password/reset/key/[^<]+)</code>", answer.text)[1]
    assert "/key/" not in client.get("/people/").text
    assert "A new password" in Client().get(link, follow=True).text


def test_where_mail_goes_out_the_link_is_on_no_page(world, settings):
    settings.MAIL = MailServer("mail.example.com", 25, "", "", False, False)

    text = by_sure_session(admin("Ann")).post("/people/", ZOE, follow=True).text

    assert "A link to set a password went to zoe@example.com." in text
    assert "/key/" not in text
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_mail_that_does_not_go_out_leaves_the_link_with_the_admin(world, settings):
    settings.MAIL = MailServer("127.0.0.1", 1, "", "", False, False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert "shown this once" in by_sure_session(admin("Ann")).post("/people/", ZOE).text


def test_who_is_here_already_is_named_and_their_role_offered(world):
    client = by_sure_session(admin("Ann"))

    answer = client.post("/people/", ZOE | {"email": "ADA@example.com"})

    assert answer.status_code == 400
    assert "ada@example.com is here already" in answer.text
    offer = f"/people/{world.ada.pk}/?role=operator&reach=site/PECOS"
    assert f'href="{offer.replace("&", "&amp;")}"' in answer.text
    form = client.get(offer).text
    assert '<option value="operator" selected>' in form
    assert '<option value="site/PECOS" selected>' in form


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "", "This field is required"), ("email", "zoe", "Enter a valid email address"),
        ("email", "zoe@example.com\nBcc: x@example.com", "Enter a valid email address"),
        ("email", f"z@{('e' * 60 + '.') * 4}example.com", "at most 254 characters"),
        ("name", " ", "This field is required"), ("name", "z" * 101, "at most 100 characters"),
        ("name", "a\x00b", "Null characters are not allowed"),
        ("role", "", "This field is required"), ("role", "king", "not one of the available choices"),
        ("reach", "", "This field is required"), ("reach", "site/MARS", "not one of the available choices"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(world, field, value, said):
    answer = by_sure_session(admin("Ann")).post("/people/", ZOE | {field: value})

    assert answer.status_code == 400
    errors = re.findall(r'id="id_(\w+)_error">([^<]*)', answer.text)
    assert [name for name, _ in errors] == [field]
    assert said in errors[0][1]
    assert re.findall(r'name="(\w+)"[^>]* autofocus', answer.text) == [field]
    kept = {"email": 'value="Zoe@Example.com"', "name": 'value="Zoe Lee"', "role": 'value="operator" selected',
            "reach": 'value="site/PECOS" selected'}  # fmt: skip
    assert [name for name, words in kept.items() if name != field and words not in answer.text] == []
    assert User.objects.count() == 4


def test_a_role_is_given_and_taken_on_the_person_s_page(world):
    client = by_sure_session(admin("Ann"))
    page = f"/people/{world.ada.pk}/"
    assert "The last role stays" in client.get(page).text

    given = client.post(page, {"role": "viewer", "reach": "operator/cango"}, follow=True).text
    held = Membership.objects.get(user=world.ada, role="viewer").pk
    again = client.post(page, {"role": "viewer", "reach": "operator/cango"})
    taken = client.post(f"{page}roles/{held}/take/", follow=True).text

    assert "ada@example.com is viewer at Cango." in given
    assert (again.status_code, "is viewer at Cango already" in again.text) == (400, True)
    assert "ada@example.com is viewer there no more." in taken
    assert "does not hold that role any more" in client.post(f"{page}roles/{held}/take/", follow=True).text


def test_a_person_is_deactivated_and_let_in_again_with_a_new_link(world):
    client = by_sure_session(admin("Ann"))
    page = f"/people/{world.bo.pk}/"

    assert "sessions and API tokens have ended" in client.post(f"{page}deactivate/", follow=True).text
    assert "was deactivated already" in client.post(f"{page}deactivate/", follow=True).text
    let_in = client.post(f"{page}reactivate/").text

    assert "shown this once" in let_in
    link = re.search(r"<code[^>]*>http://127\.0\.0\.1:\d+([^<]+)</code>", let_in)[1]
    assert "A new password" in Client().get(link, follow=True).text
    assert "shown this once" in client.post(f"{page}invite/").text


def test_on_the_own_page_stands_no_button_that_would_refuse(world):
    ann = admin("Ann")

    text = by_session(ann).get(f"/people/{ann.pk}/").text

    assert "Your own admin right is taken by another admin." in text
    assert f"/people/{ann.pk}/deactivate/" not in text
    assert "/take/" not in text


def test_an_operator_s_admin_sees_the_own_people_and_offers_the_own_sites(world):
    gil = admin("Gil", operator=world.partner)
    Membership.objects.create(user=world.cy, role=Role.VIEWER, site=world.pecos)
    client = by_sure_session(gil)

    text, of_cy = client.get("/people/").text, client.get(f"/people/{world.cy.pk}/").text

    assert "2 people may sign in" in text
    assert row_of(text, world.cy)[2] == "Operator at Partner Mining"
    assert not any(word in text + of_cy for word in ("PECOS", "MUSCAT", "ada@", "bo@", "Every site"))
    assert "an admin of the company deactivates cy@example.com" in of_cy
    for person in (world.ada, world.bo):
        assert client.get(f"/people/{person.pk}/").status_code == 404
        assert client.post(f"/people/{person.pk}/deactivate/").status_code == 404
    foreign = client.post("/people/", ZOE)
    assert "not one of the available choices" in foreign.text
    assert client.post("/people/", ZOE | {"reach": "site/GHOST"}).status_code == 200


def test_who_works_for_two_and_leaves_one_is_gone_from_its_list(world):
    client = by_sure_session(admin("Gil", operator=world.partner))
    held = Membership.objects.create(user=world.ada, role=Role.VIEWER, operator=world.partner)

    answer = client.post(f"/people/{world.ada.pk}/roles/{held.pk}/take/", follow=True)

    assert answer.redirect_chain == [("/people/", 302)]
    assert "ada@example.com is viewer there no more." in answer.text
    assert f'id="person-{world.ada.pk}"' not in answer.text


def test_twice_as_many_people_take_no_more_statements(world):
    client = by_session(admin("Ann"))
    client.get("/people/")

    def asked() -> int:
        with CaptureQueriesContext(connection) as statements:
            client.get("/people/")
        return len(statements)

    before = asked()
    for number in range(8):
        Membership.objects.create(user=make_user(f"P{number}"), role=Role.VIEWER, site=world.pecos)
        Membership.objects.create(
            user=world.ada, role=list(Role)[number % 4], operator=(world.company, world.partner)[number // 4]
        )

    assert asked() == before


def test_the_api_gives_what_the_page_shows(world):
    gil = admin("Gil", operator=world.partner)
    Membership.objects.create(user=world.cy, role=Role.VIEWER, site=world.pecos)

    answer = by_session(gil).get("/api/v1/people/?ordering=email").json()

    assert answer["next"] is None
    assert answer["results"][0] == {
        "id": world.cy.pk, "email": "cy@example.com", "name": "", "is_active": True, "last_sign_in_at": None,
        "has_second_factor": False, "roles": [{"role": "operator", "operator": "partner", "site": None}],
    }  # fmt: skip
    assert [one["email"] for one in answer["results"]] == ["cy@example.com", "gil@example.com"]


def test_the_api_tells_of_people_to_admins_and_to_no_token(world):
    ann = admin("Ann")

    assert len(by_session(ann).get("/api/v1/people/").json()["results"]) == 4
    for client in (by_session(world.bo), by_key(key_of(ann))):
        assert client.get("/api/v1/people/").status_code == 403
    assert Client().get("/api/v1/people/").status_code == 401
