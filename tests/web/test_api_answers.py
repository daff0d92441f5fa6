"""What every endpoint shares: strict parameters, ETags, formats, limits, and a database that is slow or away."""

import csv
import io

import pytest
from django.db import OperationalError, connection
from django.test import Client

from cango_ops.web.outage import breaker
from tests.web.api_routes import OF_A_SITE, OF_NO_SITE
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.django_db

HUGE = "9" * 400


def with_parameter(address: str, parameter: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{parameter}"


def all_addresses(world) -> list[str]:
    return [*OF_NO_SITE.values(), *(address(world.pecos) for address in OF_A_SITE.values())]


def test_a_parameter_that_is_not_known_is_refused_by_name(subtests):
    world = make_world()
    client = by_session(world.ada)

    for address in all_addresses(world):
        with subtests.test(address=address):
            answer = client.get(with_parameter(address, "satte=ok"))

            assert answer.status_code == 400
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["parameters"][0]["name"] == "satte"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/api/v1/devices/?state=great", "state"),
        ("/api/v1/devices/?address=127.7.0", "address"),
        ("/api/v1/devices/?address=::1", "address"),
        ("/api/v1/devices/?is_gpu=maybe", "is_gpu"),
        ("/api/v1/devices/?model=%00", "model"),
        ("/api/v1/devices/?serial=a%00b", "serial"),
        ("/api/v1/devices/?site=PECOS&site=MUSCAT", "site"),
        ("/api/v1/devices/?limit=0", "limit"),
        ("/api/v1/devices/?limit=1001", "limit"),
        ("/api/v1/devices/?limit=-1", "limit"),
        ("/api/v1/devices/?limit=%D9%A3", "limit"),
        (f"/api/v1/devices/?limit={HUGE}", "limit"),
        ("/api/v1/devices/?ordering=password", "ordering"),
        ("/api/v1/devices/?ordering=--id", "ordering"),
        ("/api/v1/devices/?ordering=site__operator__name", "ordering"),
        ("/api/v1/devices/?cursor=", "cursor"),
        ("/api/v1/devices/?cursor=WyJpZCIsMSwxXQ", "cursor"),
        ("/api/v1/devices/?cursor=WyJpZCIsMSwxXQ:abc", "cursor"),
        ("/api/v1/devices/?cursor=%00", "cursor"),
        ("/api/v1/devices/?format=xlsx", "format"),
        ("/api/v1/me/?format=csv", "format"),
        ("/api/v1/sites/?kind=rented", "kind"),
        ("/api/v1/sites/?kind=", "kind"),
        ("/api/v1/containers/?kind=box", "kind"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(address, name):
    answer = by_session(make_world().ada).get(address)

    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["parameters"][0]["name"] == name


@pytest.mark.parametrize(
    "address",
    [
        f"/api/v1/devices/{HUGE}/",
        "/api/v1/devices/999999999999999999/",
        "/api/v1/devices/999999999999999999/reading/",
        "/api/v1/containers/999999999999999999/cells/",
        "/api/v1/sites/%00/",
        "/api/v1/sites/%F0%9F%8F%AD/",
        "/api/v1/sites/pecos/",
        "/api/v1/tokens/%00/",
    ],
)
def test_an_absurd_address_is_simply_not_there(address):
    assert by_session(make_world().ada).get(address).status_code == 404


def test_an_answer_that_the_caller_holds_already_is_not_sent_again(subtests):
    world = make_world()
    client = by_session(world.ada)

    for address in all_addresses(world):
        if "series" in address:
            address += "&from=2025-01-01T00:00Z&to=2025-01-01T01:00Z"
        with subtests.test(address=address):
            first = client.get(address)
            second = client.get(address, headers={"If-None-Match": first["ETag"]})

            assert first.status_code == 200
            assert second.status_code == 304
            assert second.content == b""
            assert second["ETag"] == first["ETag"]


def test_a_changed_answer_is_sent_again():
    world = make_world()
    client = by_session(world.ada)
    first = client.get("/api/v1/sites/")
    plan_off(world.pecos, reason="transformer")

    second = client.get("/api/v1/sites/", headers={"If-None-Match": first["ETag"]})

    assert second.status_code == 200
    assert second["ETag"] != first["ETag"]


def test_answers_are_kept_by_nobody_between_us_and_the_caller():
    answer = by_session(make_world().ada).get("/api/v1/sites/")

    assert answer["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "Accept"} <= set(answer["Vary"].split(", "))


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


@pytest.mark.parametrize("asked", [{"query": "?format=csv"}, {"headers": {"Accept": "text/csv"}}])
def test_a_list_comes_as_csv_by_address_or_header(asked):
    world = make_world()

    answer = by_session(world.ada).get(f"/api/v1/devices/{asked.get('query', '')}", headers=asked.get("headers"))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["address"] for row in rows_of(answer)] == ["127.7.0.1", "127.7.0.2", "127.7.0.3", "127.7.0.4"]


def test_csv_pages_go_on_by_a_link():
    client = by_session(make_world().ada)
    first = client.get("/api/v1/devices/?format=csv&limit=3")

    address = first["Link"].removeprefix("<").removesuffix('>; rel="next"')

    assert [row["slot"] for row in rows_of(client.get(address))] == ["4"]


def test_a_name_that_a_spreadsheet_could_run_is_made_harmless():
    world = make_world()
    world.pecos.name = '=HYPERLINK("http://x")'
    world.pecos.save(update_fields=["name"])

    (row,) = rows_of(by_session(world.ada).get("/api/v1/sites/?format=csv"))

    assert row["name"] == '\'=HYPERLINK("http://x")'
    assert row["operator_code"] == "cango"
    assert float(row["capacity_mw"]) == 20


def test_a_refusal_is_a_problem_even_to_who_wants_csv():
    answer = by_session(make_world().ada).get("/api/v1/devices/?format=csv&limit=0")

    assert answer["Content-Type"] == "application/problem+json"


def test_a_format_that_does_not_exist_is_not_acceptable():
    answer = by_session(make_world().ada).get("/api/v1/sites/", headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["token", "person", "address"])
def test_whoever_asks_too_often_is_told_how_long_to_wait(kind, settings, whole_minute):
    settings.API_LIMITS = settings.API_LIMITS | {kind: 2}
    world = make_world()
    client = {
        "token": lambda: by_key(key_of(world.ada)), "person": lambda: by_session(world.ada), "address": Client,
    }[kind]()  # fmt: skip

    answers = [client.get("/api/v1/me/") for _ in range(3)]

    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert answers[2].json()["code"] == "throttled"


def test_two_tokens_are_counted_apart(settings):
    settings.API_LIMITS = settings.API_LIMITS | {"token": 1}
    world = make_world()

    answers = [by_key(key_of(world.ada, name=name)).get("/api/v1/me/") for name in ("one", "two")]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_guesser_is_slowed_and_a_good_key_from_the_same_place_is_not(settings, whole_minute):
    settings.API_LIMITS = settings.API_LIMITS | {"wrong_key": 2}
    world = make_world()
    guesser, good = by_key("cango_guess"), by_key(key_of(world.ada))

    assert [guesser.get("/api/v1/me/").status_code for _ in range(3)] == [401, 401, 429]
    assert good.get("/api/v1/me/").status_code == 200


def test_a_database_that_is_away_is_told_as_503(monkeypatch):
    monkeypatch.setattr(breaker, "spared_until", 0.0)
    client = by_session(make_world().ada)

    def be_away(execute, sql, params, many, context):
        if '"sites_site"."time_zone"' in sql:
            raise OperationalError("connection to server at 10.0.0.5 failed: secret")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(be_away):
        answer = client.get("/api/v1/sites/")

    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"] == "5"
    assert answer.json()["code"] == "database_away"
    assert "10.0.0.5" not in answer.content.decode()
    monkeypatch.setattr(breaker, "spared_until", 0.0)


def test_a_statement_that_takes_too_long_is_given_up_with_503():
    client = by_session(make_world().ada)

    def sleep_instead(execute, sql, params, many, context):
        is_of_sites = sql.startswith("SELECT") and '"sites_site"."time_zone"' in sql
        return (
            execute("SELECT pg_sleep(5)", None, many, context) if is_of_sites else execute(sql, params, many, context)
        )

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 500")
    with connection.execute_wrapper(sleep_instead):
        answer = client.get("/api/v1/sites/")

    assert answer.status_code == 503
    assert answer.json()["code"] == "too_slow"
    assert answer["Retry-After"] == "5"


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "1" * 5000, "NaN", '"\\ud800"', "\x00"])
@pytest.mark.parametrize("address", ["/api/v1/commands/", "/api/v1/backtests/"])
def test_nonsense_in_a_body_is_the_callers_fault(address, body):
    answer = by_session(make_world().bo).post(address, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
