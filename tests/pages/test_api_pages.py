"""The page of the API's description and the page of one's own tokens, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from playwright.sync_api import expect

from tests.web.callers import key_of
from tests.worlds import PASSWORD, make_world

pytestmark = pytest.mark.pages


def known_to_the_server(user):
    """The user, with a password hashed as the server does it and not in the quick way of the tests."""
    user.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
    user.save(update_fields=["password"])
    return user


def test_the_description_is_shown_and_asks_the_api_as_the_reader(visit):
    page = visit("/api/docs/", user=make_world().ada)

    page.locator("#operations-me-me_retrieve .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert "ada@example.com" in page.locator(".live-responses-table").inner_text()


def test_a_token_is_issued_shown_once_and_revoked(visit):
    page = visit("/account/tokens/", user=known_to_the_server(make_world().ada))

    page.get_by_label("Name").fill("grafana")
    page.get_by_label("All sites that I see").check()
    page.get_by_role("button", name="Issue").click()
    password = page.locator("input[type=password]")
    password.fill(PASSWORD)
    password.press("Enter")

    key = page.locator("code.key").inner_text()
    assert key.startswith("cango_")
    page.goto("/account/tokens/")
    assert key not in page.content()
    page.get_by_role("button", name="Revoke grafana").click()
    expect(page.locator(".messages")).to_contain_text("is revoked")


def test_the_page_of_tokens_is_open_to_everybody(visit, size, theme):
    world = make_world()
    key_of(world.bo, name="a token with a rather long name, as people give them", sites=[world.pecos, world.ghost])
    page = visit("/account/tokens/", user=world.bo, size=size, theme=theme)

    violations = Axe().run(page).response["violations"]

    assert [(found["id"], [node["html"] for node in found["nodes"]]) for found in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
