"""The theme is chosen once, kept, and there with the first byte of a page."""

import pytest

from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def test_the_page_comes_with_the_persons_theme(client):
    ada = make_world().ada
    client.force_login(ada)

    assert '<html lang="en-GB" data-theme="system">' in client.get("/").text
    assert client.post("/me/theme/", {"theme": "light"}).status_code == 204
    assert '<html lang="en-GB" data-theme="light">' in client.get("/").text
    ada.refresh_from_db()
    assert ada.theme == "light"


def test_the_sign_in_page_remembers_it_by_cookie(client):
    client.post("/me/theme/", {"theme": "dark"})

    assert '<html lang="en-GB" data-theme="dark">' in client.get("/accounts/login/").text


def test_without_script_the_person_comes_back_to_the_page(client):
    client.force_login(make_world().ada)
    asked = {"theme": "dark", "next": "/search/?q=pecos"}

    assert client.post("/me/theme/", asked, headers={"Accept": "text/html"}).headers["Location"] == "/search/?q=pecos"
    away = client.post("/me/theme/", asked | {"next": "https://example.com/"}, headers={"Accept": "text/html"})
    assert away.headers["Location"] == "/"


def test_an_unknown_theme_is_refused(client):
    assert client.post("/me/theme/", {"theme": "neon"}).status_code == 400
    assert client.get("/me/theme/").status_code == 405
