"""The life of a token: issued once, found by its key, used, revoked."""

from datetime import UTC, datetime, timedelta

import pytest

from cango_ops.base.models import AuditEvent
from sites import api_tokens
from sites.models import ApiToken
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(days=30)


def issue(user, **changes):
    wish = {"name": "grafana", "scopes": ["read"], "sites": None, "expires_at": SOON, "now": NOW} | changes
    return api_tokens.issue(user, **wish)


def test_the_key_itself_is_kept_nowhere():
    issued = issue(make_world().ada)

    row = ApiToken.objects.values().get()
    secret = issued.key.rsplit("_", 1)[1]
    assert issued.key.startswith(f"cango_{row['prefix']}_")
    assert not any(secret in str(value) for value in row.values())
    assert len(row["digest"]) == 128


def test_keys_differ_from_each_other():
    ada = make_world().ada

    assert issue(ada).key != issue(ada, name="another").key


def test_a_key_finds_its_token():
    issued = issue(make_world().ada)

    assert api_tokens.find(issued.key) == issued.token


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),
        lambda key: key + "a",
        lambda key: key[:-1],
        lambda key: key.upper(),
        lambda key: " " + key,
        lambda key: key.replace("cango_", ""),
        lambda key: "",
        lambda key: "cango_\x00",
        lambda key: key.replace("cango", "ｃango"),
    ],
)
def test_a_key_that_is_not_exactly_right_finds_nothing(spoil):
    key = issue(make_world().ada).key

    assert api_tokens.find(spoil(key)) is None


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["approve"]}, "scopes"),
        ({"scopes": ["read", "admin"]}, "scopes"),
        ({"sites": []}, "sites"),
        ({"expires_at": NOW}, "expires_at"),
        ({"expires_at": NOW + timedelta(days=365, seconds=1)}, "expires_at"),
    ],
)
def test_a_token_that_may_not_be_is_refused_by_parameter(changes, parameter):
    with pytest.raises(api_tokens.TokenRefused) as refusal:
        issue(make_world().ada, **changes)

    assert refusal.value.parameter == parameter
    assert not ApiToken.objects.exists()


def test_a_token_for_a_site_of_others_is_refused():
    world = make_world()

    with pytest.raises(api_tokens.TokenRefused, match="sites of yours"):
        issue(world.ada, sites=[world.pecos, world.ghost])


def test_a_repeated_request_makes_no_second_token():
    ada = make_world().ada
    issue(ada)

    with pytest.raises(api_tokens.TokenRefused) as refusal:
        issue(ada)

    assert refusal.value.parameter == "name"
    assert ApiToken.objects.count() == 1


def test_the_name_of_a_revoked_token_is_free_again():
    ada = make_world().ada
    first = issue(ada)
    api_tokens.revoke(ada, first.token.prefix, NOW)

    assert issue(ada).token.name == "grafana"


def test_nobody_hoards_tokens(monkeypatch):
    monkeypatch.setattr(api_tokens, "MOST_TOKENS", 1)
    ada = make_world().ada
    issue(ada)

    with pytest.raises(api_tokens.TokenRefused, match="revoke one first"):
        issue(ada, name="another")


def test_only_its_owner_revokes_a_token_and_only_once():
    world = make_world()
    prefix = issue(world.ada).token.prefix

    assert not api_tokens.revoke(world.bo, prefix, NOW)
    assert api_tokens.revoke(world.ada, prefix, NOW)
    assert not api_tokens.revoke(world.ada, prefix, NOW)


def test_what_was_issued_and_revoked_stands_in_the_record_without_the_key():
    ada = make_world().ada
    issued = issue(ada)
    api_tokens.revoke(ada, issued.token.prefix, NOW)

    events = AuditEvent.objects.order_by("sequence")
    assert [(event.actor, event.verb, event.target) for event in events] == [
        ("ada@example.com", "issue", f"token/{issued.token.prefix}"),
        ("ada@example.com", "revoke", f"token/{issued.token.prefix}"),
    ]
    assert not any(issued.key.rsplit("_", 1)[1] in str(event.detail) for event in events)


def test_a_use_is_noted_once_a_minute_at_most(django_assert_num_queries):
    token = issue(make_world().ada).token
    api_tokens.note_use(token, NOW)
    token.refresh_from_db()
    assert token.last_used_at == NOW

    with django_assert_num_queries(0):
        api_tokens.note_use(token, NOW + timedelta(seconds=60))

    api_tokens.note_use(token, NOW + timedelta(seconds=61))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=61)


def test_two_uses_at_once_are_one_write(django_assert_num_queries):
    issued = issue(make_world().ada)
    late = ApiToken.objects.get()
    api_tokens.note_use(issued.token, NOW)

    api_tokens.note_use(late, NOW + timedelta(seconds=5))

    assert ApiToken.objects.get().last_used_at == NOW
