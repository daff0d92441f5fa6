"""Signing in and out, changing the password, the second factor: real forms, the strict policy, the limits."""

import base64
import hmac
import re
import struct
import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client

from cango_ops.base.models import User
from tests.worlds import PASSWORD, make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"


@pytest.fixture
def ada():
    return make_user("Ada")


def sign_in(client, email="ada@example.com", password=PASSWORD, **words):
    return client.post(SIGN_IN, {"login": email, "password": password, **words})


def prove_again(client) -> None:
    """What touches the account itself asks for the password once more."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def totp(secret: str, at: float) -> str:
    """RFC 6238, six digits, 30 seconds, written out from the document."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_e_mail_and_password_open_the_console(client, ada):
    answer = sign_in(client)

    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert signed_in(client)


def test_the_page_that_was_asked_for_comes_after(client, ada):
    assert sign_in(client, next="/accounts/2fa/")["Location"] == "/accounts/2fa/"


def test_another_host_never_comes_after(client, ada):
    assert sign_in(client, next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_and_an_unknown_person_are_told_the_same(client, ada):
    wrong = sign_in(client, password="not this one")
    unknown = sign_in(client, email="nobody@example.com")

    assert not signed_in(client)
    assert errors(wrong) == errors(unknown) != []


class Counted(MD5PasswordHasher):
    """How often a password was hashed, which is what takes the time."""

    times = 0

    def encode(self, password, salt):
        type(self).times += 1
        return super().encode(password, salt)


def test_an_unknown_person_takes_as_much_work_as_a_wrong_password(client, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    make_user("Ada")
    Counted.times = 0
    sign_in(client, password="not this one")
    wrong, Counted.times = Counted.times, 0

    sign_in(client, email="nobody@example.com")

    assert Counted.times == wrong > 0


def errors(answer) -> list[str]:
    return [str(word) for words in answer.context["form"].errors.values() for word in words]


def test_a_withdrawn_account_stays_out(client, ada):
    User.objects.update(is_active=False)

    sign_in(client)

    assert not signed_in(client)


def test_after_five_wrong_passwords_even_the_right_one_waits(client, ada):
    for _ in range(5):
        sign_in(client, password="not this one")

    sign_in(client)

    assert not signed_in(client)


def test_nobody_signs_up(client):
    answer = client.post("/accounts/signup/", {"email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.exists()
    assert answer.status_code == 200


def test_signing_out_takes_a_click(client, ada):
    client.force_login(ada)
    client.get("/accounts/logout/")
    assert signed_in(client)

    answer = client.post("/accounts/logout/")

    assert not signed_in(client)
    assert answer["Location"] == SIGN_IN


def test_a_form_without_its_token_is_refused(ada):
    client = Client(enforce_csrf_checks=True)

    assert sign_in(client).status_code == 403


def test_a_changed_password_ends_every_other_session(client, ada):
    elsewhere = Client()
    sign_in(elsewhere)
    sign_in(client)

    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another long passphrase", "password2": "another long passphrase"},
    )

    assert client.get("/accounts/2fa/").status_code == 200
    assert elsewhere.get("/accounts/2fa/").status_code == 302


@pytest.mark.parametrize("password", ["short", "password1234", "ada@example.com"])
def test_a_weak_password_is_refused(client, ada, password):
    sign_in(client)

    answer = client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )

    assert answer.status_code == 200
    assert User.objects.get().check_password(PASSWORD)


def test_a_second_factor_is_set_up_and_then_asked_for(client, ada, whole_minute):
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    sign_in(client)
    prove_again(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": totp(secret, time.time())})
    client.post("/accounts/logout/")
    cache.clear()

    answer = sign_in(client)
    assert not signed_in(client)
    assert answer["Location"] == "/accounts/2fa/authenticate/"

    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": totp(secret, time.time())})
    assert signed_in(client)


def test_the_codes_of_these_tests_are_those_of_the_document():
    assert totp("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"  # RFC 6238, appendix B


@pytest.mark.parametrize(
    "url",
    [
        "/accounts/login/", "/accounts/logout/", "/accounts/password/change/", "/accounts/password/reset/",
        "/accounts/reauthenticate/", "/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/", "/accounts/sessions/", "/accounts/email/",
    ],
)  # fmt: skip
def test_no_page_needs_what_the_policy_forbids(client, ada, url):
    if url not in {"/accounts/login/", "/accounts/password/reset/"}:
        EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
        sign_in(client)
        prove_again(client)

    page = client.get(url)

    assert page.status_code == 200
    assert forbidden(page.text) == []


def forbidden(html: str) -> list[str]:
    """Inline scripts that run, inline styles, handlers in attributes, and anything from another host."""
    scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", html)
    styles = re.findall(r"<style|\sstyle=\"", html)
    handlers = re.findall(r"\son\w+=\"", html)
    foreign = re.findall(r"(?:src|href)=\"(?:https?:)?//[^\"]+", html)
    return [*scripts, *styles, *handlers, *foreign]


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("/accounts/reauthenticate/", "Confirm that it is you"),
        ("/accounts/password/change/", "Change the password"),
        ("/accounts/password/reset/", "Forgotten password"),
        ("/accounts/2fa/", "Two-factor and passkeys"),
        ("/accounts/2fa/totp/activate/", "Set up the authenticator app"),
    ],
)
def test_the_account_is_told_in_the_words_of_the_console(client, ada, page, title):
    sign_in(client)
    prove_again(client)

    shown = client.get(page).content.decode()

    assert re.findall("<h1[^>]*>([^<]*)</h1>", shown) == [title]
    assert "Please" not in shown
