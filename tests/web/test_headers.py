"""Every address of the console, asked by nobody and by somebody: the headers that protect a browser are on each."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.worlds import make_world

POLICY = {
    "default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
}  # fmt: skip
WAY_IN = {
    "/health/live", "/health/ready", "/accounts/login/", "/accounts/signup/", "/accounts/inactive/",
    "/accounts/confirm-email/", "/accounts/confirm-email/1/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/password/reset/key/1-1/", "/accounts/password/reset/key/done/",
}  # fmt: skip
# What stands for a parameter in an address; a parameter that is not named here is 1.
SAMPLES = {"code": "PECOS", "site": "PECOS", "site_code": "PECOS", "container": "C1", "container_code": "C1"}


def addresses(resolver: URLResolver, stem: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry, stem + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield with_samples(stem + str(entry.pattern))


def with_samples(shape: str) -> str:
    """The address of a pattern: a sample for each <int:pk> and each (?P<key>...), no signs of a regular expression."""
    found = re.sub(r"\(\?P<(\w+)>[^()]*\)", r"<\1>", shape)
    found = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: SAMPLES.get(match[1], "1"), found)
    return re.sub(r"[\^$?]|\\Z", "", found)


def all_addresses() -> list[str]:
    return sorted(set(addresses(get_resolver())))


def faults(answer) -> list[str]:
    directives = set(answer.headers.get("Content-Security-Policy", "").split("; "))
    scripts = [word for word in directives if word.startswith("script-src")]
    expected = {
        "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    }  # fmt: skip
    return [
        *(f"policy lacks {word}" for word in POLICY - directives),
        *(f"policy has {word}" for word in scripts if "unsafe" in word),
        *(f"{name}: {answer.headers.get(name)}" for name, value in expected.items() if answer.get(name) != value),
        *(f"no {name}" for name in ("Permissions-Policy", "Cache-Control") if name not in answer.headers),
        *([f"status {answer.status_code}"] if answer.status_code >= 500 else []),
        *(["may be kept by a shared cache"] if "public" in answer.headers.get("Cache-Control", "") else []),
    ]


def test_a_pattern_becomes_an_address():
    assert with_samples("/sites/<slug:code>/<int:slot>/") == "/sites/PECOS/1/"
    assert with_samples(r"/accounts/^confirm-email/(?P<key>[-:\w]+)/$") == "/accounts/confirm-email/1/"


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "Bo, who manages all", "Cy, who is a partner"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_carries_them(client, who, method):
    world = make_world()
    person = {"nobody": None, "Bo, who manages all": world.bo, "Cy, who is a partner": world.cy}[who]
    wrong = {}
    for address in all_addresses():
        if person:
            client.force_login(person)
        found = faults(getattr(client, method)(address))
        if found:
            wrong[address] = found

    assert wrong == {}


@pytest.mark.django_db
def test_nobody_is_shown_anything_but_health_and_the_way_in(client):
    make_world()

    shown = {address for address in all_addresses() if client.get(address).status_code == 200}

    assert shown - WAY_IN == set()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nothing/here", "/accounts/nothing/", "/health/nothing"])
def test_an_address_that_does_not_exist_carries_them_too(client, address):
    answer = client.get(address)

    assert answer.status_code == 404
    assert faults(answer) == []


@pytest.mark.django_db
def test_behind_https_cookies_and_transport_are_strict(client, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SESSION_COOKIE_SECURE = True

    answer = client.get("/accounts/login/", secure=True)

    assert answer["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.django_db
def test_only_who_is_signed_in_is_told_how_long_an_answer_took(client):
    world = make_world()
    assert "Server-Timing" not in client.get("/accounts/login/").headers

    client.force_login(world.ada)

    assert re.fullmatch(r"app;dur=\d+\.\d", client.get("/").headers["Server-Timing"])
