"""A person from the command line: how the first admin of a console comes."""

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from cango_ops.base.models import AuditEvent, User
from cango_ops.env import MailServer
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
PASSWORD = "twelve quiet words about one lamp"


def add(email: str, *words: str) -> str:
    said = StringIO()
    call_command("add_person", email, *words, stdout=said)
    return said.getvalue()


def link_in(text: str) -> str:
    return re.search(r"http://127\.0\.0\.1:\d+(/accounts/password/reset/key/\S+)", text)[1]


def set_password(link: str) -> str:
    client = Client()
    form = client.get(link, follow=True)
    sent = client.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    return form.text + sent.text


def test_the_first_admin_of_an_empty_console_sets_a_password_and_signs_in(client):
    link = link_in(add("Ann@Example.com", "--name", "Ann  Lee", "--role", "admin"))

    assert "The new password holds" in set_password(link)
    client.post("/accounts/login/", {"login": "ann@example.com", "password": PASSWORD})
    assert "1 person may sign in" in client.get("/people/").text
    assert "does not hold any more" in set_password(link)
    ann = User.objects.get()
    assert (str(ann), ann.email) == ("Ann Lee", "ann@example.com")
    assert list(AuditEvent.objects.order_by("sequence").values_list("actor", "verb"))[:2] == [
        ("add_person", "person.added"), ("add_person", "person.invited"),
    ]  # fmt: skip


def test_where_mail_is_set_the_link_goes_by_mail_and_is_not_printed(settings):
    settings.MAIL = MailServer("mail.example.com", 25, "", "", False, False)

    said = add("ann@example.com", "--name", "Ann", "--role", "admin")

    assert "Mailed to ann@example.com" in said
    assert "http" not in said
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["ann@example.com"], "[Cango Ops] Set your password")
    assert "The new password holds" in set_password(link_in(mail.outbox[0].body))


def test_a_role_at_one_operator_or_one_site():
    make_world(devices=1)

    assert "viewer at Partner Mining" in add(
        "p@example.com", "--name", "P", "--role", "viewer", "--operator", "partner"
    )
    assert "operator at PECOS" in add("q@example.com", "--name", "Q", "--role", "operator", "--site", "PECOS")


def test_who_is_here_gets_the_role_and_keeps_the_password():
    world = make_world(devices=1)

    said = add("BO@example.com", "--role", "admin")

    assert said == "bo@example.com was here already, and is admin at every site.\n"
    assert world.bo.memberships.filter(role="admin").count() == 1


def test_a_link_that_was_lost_is_had_again_until_a_password_is_set():
    words = ("ann@example.com", "--name", "Ann", "--role", "admin")
    add(*words)

    set_password(link_in(add(*words)))

    with pytest.raises(CommandError, match="Ann is admin at every site already"):
        add(*words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zoe", "--name", "Z", "--role", "admin"), "zoe is no e-mail address"),
        ((f"z@{('e' * 60 + '.') * 4}example.com", "--name", "Z", "--role", "admin"), "longer than 254 signs"),
        (("zoe@example.com", "--role", "admin"), "--name is missing"),
        (("zoe@example.com", "--name", " ", "--role", "admin"), "--name is missing"),
        (("zoe@example.com", "--name", "Z", "--role", "king"), "invalid choice"),
        (("zoe@example.com", "--name", "Z", "--role", "admin", "--site", "MARS"), "No site has the code MARS"),
        (("zoe@example.com", "--name", "Z", "--role", "admin", "--operator", "x"), "No operator has the code x"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_adds_nobody(words, said):
    with pytest.raises(CommandError, match=said):
        add(*words)

    assert not User.objects.exists()


def test_who_was_deactivated_stays_so():
    world = make_world(devices=1)
    User.objects.filter(pk=world.bo.pk).update(is_active=False)

    with pytest.raises(CommandError, match="is deactivated"):
        add("bo@example.com", "--role", "admin")
