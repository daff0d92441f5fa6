import pytest
from django.conf import settings

from cango_ops.base import parts


def test_live_asks_nobody(client):
    answer = client.get("/health/live")

    assert answer.status_code == 200
    assert answer.json()["state"] == "ok"


@pytest.mark.django_db
def test_ready_names_each_part(client):
    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["state"] == "ok"
    assert {name: part["state"] for name, part in answer.json()["parts"].items()} == {
        "database": "ok", "migrations": "ok", "redis": "ok", "database role": "warning",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_role_that_owns_its_tables_is_a_warning_and_no_outage(client):
    answer = client.get("/health/ready").json()

    assert answer["state"] == "ok"
    assert answer["parts"]["database role"]["detail"].startswith(
        "The console signs in to PostgreSQL with a role that is a superuser"
    )


@pytest.mark.django_db
def test_without_redis_it_is_degraded_not_failed(client, monkeypatch):
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert answer.json()["state"] == "degraded"
    assert answer.json()["parts"]["redis"]["detail"].startswith("Redis does not answer")


def test_without_the_database_it_is_failed_and_says_when_to_ask_again(client, monkeypatch):
    monkeypatch.setattr(parts, "own_connection", gone)

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer.json()["parts"]["database"] == {
        "state": "away", "since": answer.json()["parts"]["database"]["since"], "detail": "PostgreSQL does not answer.",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_missing_migration_is_named(client, monkeypatch):
    monkeypatch.setattr(parts, "newest_migrations", lambda: [("base", "0999_not_yet")])

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"]["detail"] == "Migrations are missing: base.0999_not_yet."


@pytest.mark.django_db
def test_since_stays_while_the_state_stays(client, monkeypatch):
    first = client.get("/health/ready").json()["parts"]["database"]["since"]
    for watch in parts.WATCHES:
        watch.looked_at -= 2

    assert client.get("/health/ready").json()["parts"]["database"]["since"] == first


@pytest.mark.django_db
def test_a_hundred_probes_ask_the_database_once(client, monkeypatch):
    monkeypatch.setattr(parts.WATCHES[0], "keep_s", 60.0)  # a busy machine may need more than a second for a hundred
    asked = []
    monkeypatch.setattr(parts.WATCHES[0], "look", lambda: asked.append(1) or "")

    for _ in range(100):
        client.get("/health/ready")

    assert len(asked) == 1


def gone():
    raise parts.psycopg.OperationalError("connection refused")
