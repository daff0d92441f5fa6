import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.urls import path

from cango_ops.urls import urlpatterns as real
from cango_ops.web.gate import SignedInOnly
from tests.worlds import make_user


def secret(request):
    raise AssertionError("nobody may come here")


urlpatterns = [*real, path("secret/", secret)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_a_page_sends_to_the_sign_in_page_and_back(client):
    answer = client.get("/secret/?range=6h")

    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/secret/%3Frange%3D6h"


def test_a_program_is_told_401(client):
    answer = client.get("/secret/", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 401


def test_a_fragment_takes_its_page_to_sign_in(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/sites/PECOS/"}

    answer = client.get("/secret/", headers=headers)

    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fsites%2FPECOS%2F"


def test_a_fragment_never_leads_back_to_another_host(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/"}

    assert client.get("/secret/", headers=headers)["HX-Redirect"] == "/accounts/login/?next=%2F"


def test_who_signed_in_passes(client):
    client.force_login(make_user("Ada"))

    with pytest.raises(AssertionError, match="nobody may come here"):
        client.get("/secret/")


def test_an_account_that_was_withdrawn_is_out_at_the_next_request(client):
    ada = make_user("Ada")
    client.force_login(ada)
    type(ada).objects.update(is_active=False)

    assert client.get("/secret/").status_code == 302


@pytest.mark.parametrize("url", ["/health/live", "/accounts/login/", "/accounts/password/reset/"])
def test_health_and_sign_in_are_open(client, url):
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", ["/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/"])
def test_what_belongs_to_a_person_is_not(client, url):
    assert client.get(url).status_code == 302


def test_nobody_passes_while_the_database_cannot_say_who_it_is():
    class Nobody:
        @property
        def is_authenticated(self):
            raise OperationalError("connection refused")

    request = RequestFactory().get("/secret/")
    request.user = Nobody()

    answer = SignedInOnly(lambda request: None).process_view(request, secret, (), {})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
