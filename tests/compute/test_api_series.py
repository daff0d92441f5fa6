"""History by REST: what may be asked, how it is refused, and the two formats."""

import csv
import io
from datetime import UTC, datetime

import pytest

from compute.models import Device
from compute.telemetry import queries
from compute.telemetry.answers import Series
from tests.web.callers import by_session
from tests.worlds import make_world

pytestmark = pytest.mark.django_db

HOUR = "from=2025-03-01T00:00:00Z&to=2025-03-01T01:00:00Z"


def get(client, asked: str, **options):
    return client.get(f"/api/v1/series/?{asked}", **options)


@pytest.fixture
def asked_for(monkeypatch) -> list[tuple]:
    """What the query was asked for; it answers with two points, the second of them a gap."""
    calls = []

    def series(scope, ids, metrics, start, end, resolution_s=None):
        calls.append((scope, sorted(ids), list(metrics), start, end, resolution_s))
        times = [datetime(2025, 3, 1, 0, minute, tzinfo=UTC) for minute in (0, 1)]
        return Series(resolution_s or 60, times, {metric: [1.5, None] for metric in metrics})

    monkeypatch.setattr(queries, "series", series)
    return calls


def test_a_series_is_columns_over_time_with_gaps_as_null(asked_for):
    client = by_session(make_world().ada)

    answer = get(client, f"scope=site&id=PECOS&metrics=power_w,hashrate_ths&{HOUR}&resolution_s=60")

    assert answer.json() == {
        "scope": "site",
        "id": "PECOS",
        "resolution_s": 60,
        "start_at": ["2025-03-01T00:00:00Z", "2025-03-01T00:01:00Z"],
        "columns": {"power_w": [1.5, None], "hashrate_ths": [1.5, None]},
    }


@pytest.mark.parametrize("asked", [{"query": "&format=csv"}, {"headers": {"Accept": "text/csv"}}])
def test_a_series_as_csv_has_a_row_for_each_point_and_gaps_empty(asked, asked_for):
    client = by_session(make_world().ada)

    answer = get(
        client, f"scope=fleet&metrics=power_w,gpus&{HOUR}{asked.get('query', '')}", headers=asked.get("headers")
    )

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.content.decode()))) == [
        ["start_at", "power_w", "gpus"],
        ["2025-03-01T00:00:00Z", "1.5", "1.5"],
        ["2025-03-01T00:01:00Z", "", ""],
    ]


def test_the_query_is_asked_for_visible_ids_alone(asked_for):
    world = make_world()
    start, end = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 1, 1, tzinfo=UTC)
    device = Device.objects.get(container=world.g1, slot=1)

    for asked in (
        "scope=fleet",
        "scope=region&id=north-america",
        "scope=container&id=GHOST/G1",
        f"scope=container&id={world.g1.pk}",
    ):
        assert get(by_session(world.cy), f"{asked}&metrics=power_w&{HOUR}").status_code == 200
    get(by_session(world.cy), f"scope=device&id={device.pk}&metrics=power_w&{HOUR}&resolution_s=900")

    assert asked_for == [
        ("site", [world.ghost.pk], ["power_w"], start, end, None),
        ("site", [world.ghost.pk], ["power_w"], start, end, None),
        ("container", [world.g1.pk], ["power_w"], start, end, None),
        ("container", [world.g1.pk], ["power_w"], start, end, None),
        ("device", [device.pk], ["power_w"], start, end, 900),
    ]


def test_who_sees_no_site_gets_an_empty_fleet():
    world = make_world()
    world.ada.memberships.all().delete()

    assert get(by_session(world.ada), f"scope=fleet&metrics=power_w&{HOUR}").status_code == 200


@pytest.mark.parametrize("subject", ["scope=site&id=GHOST", "scope=site&id=NOWHERE",
                                     "scope=region&id=east-africa", "scope=container&id=GHOST/G1",
                                     "scope=container&id=PECOS/C9", "scope=device&id=999999999999999999"])  # fmt: skip
def test_a_foreign_or_missing_subject_is_not_there(subject):
    assert get(by_session(make_world().ada), f"{subject}&metrics=power_w&{HOUR}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (f"metrics=power_w&{HOUR}", "scope"),
        (f"scope=planet&metrics=power_w&{HOUR}", "scope"),
        (f"scope=fleet&{HOUR}", "metrics"),
        (f"scope=fleet&metrics=password&{HOUR}", "metrics"),
        (f"scope=fleet&metrics=power_w,power_w&{HOUR}", "metrics"),
        (f"scope=fleet&metrics=power_w,&{HOUR}", "metrics"),
        (f"scope=fleet&id=PECOS&metrics=power_w&{HOUR}", "id"),
        (f"scope=site&metrics=power_w&{HOUR}", "id"),
        (f"scope=device&id=abc&metrics=power_w&{HOUR}", "id"),
        (f"scope=device&id=-1&metrics=power_w&{HOUR}", "id"),
        (f"scope=device&id=9999999999999999999&metrics=power_w&{HOUR}", "id"),
        (f"scope=device&id=%D9%A3&metrics=power_w&{HOUR}", "id"),
        ("scope=fleet&metrics=power_w&range=2h", "range"),
        (f"scope=fleet&metrics=power_w&range=1h&{HOUR}", "range"),
        ("scope=fleet&metrics=power_w&from=yesterday", "from"),
        ("scope=fleet&metrics=power_w&to=2025-02-30", "to"),
        ("scope=fleet&metrics=power_w&from=2025-03-02&to=2025-03-01", "from"),
        ("scope=fleet&metrics=power_w&from=0001-01-01T00:00:00%2B23:59&to=0001-01-02", "from"),
        ("scope=fleet&metrics=power_w&from=2020-01-01&to=2025-01-01", "from"),
        ("scope=fleet&metrics=power_w&from=&to=2025-01-01", "from"),
        (f"scope=fleet&metrics=power_w&{HOUR}&resolution_s=61", "resolution_s"),
        (f"scope=fleet&metrics=power_w&{HOUR}&resolution_s=060", "resolution_s"),
        ("scope=fleet&metrics=power_w&range=30d&resolution_s=60", "resolution_s"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(asked, name):
    answer = get(by_session(make_world().ada), asked)

    assert answer.status_code == 400, answer.content
    assert answer.json()["parameters"][0]["name"] == name


def test_too_many_points_are_refused_with_the_number_and_the_most():
    answer = get(by_session(make_world().ada), "scope=fleet&metrics=power_w&range=30d&resolution_s=60")

    assert answer.json()["detail"] == "resolution_s: gives 43200 points, 10000 at most; ask for a shorter time."
