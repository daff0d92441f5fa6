"""The API over telemetry: what a sweep wrote is what every endpoint says, with its age and its state."""

import csv
import io
import time
from datetime import UTC, datetime, timedelta

import pytest

from compute.models import DeviceNow
from compute.telemetry import sitemap, store
from tests.compute.telemetry.sweeps import heard, machine, make_gpu, mining, serving, silent
from tests.web.callers import by_session
from tests.worlds import make_world, plan_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_map(settings):
    settings.SWEEP_S = 20
    sitemap.forget()


@pytest.fixture
def now() -> int:
    """The second of the sweep, ten seconds ago."""
    return int(time.time()) - 10


@pytest.fixture
def world(now):
    """Pecos after a sweep ten seconds ago: 200, 200, 150 TH/s and a machine that did not answer."""
    world = make_world()
    sweep(world, now)
    return world


def sweep(world, at: int, *, full: bool = True) -> None:
    polls = [heard(machine(world.c1, slot), at, mining(ths), full=full) for slot, ths in ((1, 200), (2, 200), (3, 150))]
    store.write(world.pecos.pk, [*polls, silent(machine(world.c1, 4), at)])


def iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def states(client, asked: str = "") -> dict[int, str]:
    return {row["slot"]: row["state"] for row in client.get(f"/api/v1/devices/?site=PECOS{asked}").json()["results"]}


def test_the_latest_totals_are_those_of_the_sweep(world, now):
    said = by_session(world.bo).get("/api/v1/latest/").json()

    pecos = next(row["totals"] for row in said["sites"] if row["site"] == "PECOS")
    assert (pecos["hashrate_ths"], pecos["deployed_ths"], pecos["operating_ratio"]) == (550, 800, 0.6875)
    assert (pecos["reporting"], pecos["devices"], pecos["power_w"]) == (3, 4, 10_500)
    assert pecos["swept_at"] == iso(now)
    assert (said["fleet"]["sites_reporting"], said["fleet"]["sites"]) == (1, 3)
    assert by_session(world.bo).get("/api/v1/sites/PECOS/latest/").json() == pecos
    assert by_session(world.bo).get(f"/api/v1/containers/{world.c1.pk}/").json()["totals"]["hashrate_ths"] == 550


def test_a_cell_holds_the_newest_sample_of_its_machine(world, now):
    cells = by_session(world.ada).get(f"/api/v1/containers/{world.c1.pk}/cells/").json()

    assert [cell["hashrate_ths"] for cell in cells] == [200, 200, 150, None]
    assert cells[0]["observed_at"] == iso(now)
    assert cells[0]["utilisation_pct"] is None
    assert cells[3]["reason"] == "never answered (no whole answer in time)"


def test_a_reading_says_each_field_with_its_source_and_age(world, now):
    device = machine(world.c1, 3)

    said = by_session(world.ada).get(f"/api/v1/devices/{device.pk}/reading/").json()

    fields = said["fields"]
    assert (fields["hashrate_ths"]["value"], fields["hashrate_ths"]["source"]) == (150, "machine")
    assert fields["hashrate_ths"]["observed_at"] == iso(now)
    assert 10 <= fields["hashrate_ths"]["age_s"] < 60
    assert [board["slot"] for board in fields["boards"]["value"]] == [0, 1, 2]
    assert fields["nameplate_ths"] == {"value": 200, "source": "nameplate", "observed_at": None, "age_s": None}
    assert fields["vendor"]["value"] == "Bitmain"


def test_a_gpu_node_says_what_it_serves(world, now):
    node = make_gpu(world.m1, 20)
    store.write(world.muscat.pk, [heard(node, now, serving(), full=True)])
    client = by_session(world.bo)

    fields = client.get(f"/api/v1/devices/{node.pk}/reading/").json()["fields"]
    assert (fields["utilisation_pct"]["value"], fields["gpus_reporting"]["value"]) == (50, 2)
    assert client.get("/api/v1/latest/").json()["fleet"]["gpus"] == 2


def test_a_series_has_the_minute_of_the_sweep_and_gaps_around_it(world, now):
    start, end = now // 60 * 60 - 120, now // 60 * 60
    sweep(world, start + 65)

    asked = f"scope=site&id=PECOS&metrics=hashrate_ths&from={iso(start)}&to={iso(end)}&resolution_s=60"
    said = by_session(world.ada).get(f"/api/v1/series/?{asked}").json()

    assert said["start_at"] == [iso(start), iso(start + 60)]
    assert said["columns"] == {"hashrate_ths": [None, 550]}
    text = by_session(world.ada).get(f"/api/v1/series/?{asked}&format=csv").content.decode()
    assert list(csv.reader(io.StringIO(text)))[1:] == [[iso(start), ""], [iso(start + 60), "550.0"]]


@pytest.mark.parametrize("metric", ["uptime_pct", "meter_power_w", "temp_max_c", "efficiency_jth"])
@pytest.mark.parametrize("subject", ["scope=fleet", "scope=site&id=PECOS", "scope=container&id=PECOS/C1"])
def test_every_scope_has_its_series(subject, metric, world):
    answer = by_session(world.ada).get(f"/api/v1/series/?{subject}&metrics={metric}&range=1h")

    assert answer.status_code == 200
    assert list(answer.json()["columns"]) == [metric]


def test_a_device_has_its_series(world):
    device = machine(world.c1, 1)
    asked = f"scope=device&id={device.pk}&metrics=hashrate_ths,temp_max_c&range=1h"

    column = by_session(world.ada).get(f"/api/v1/series/?{asked}").json()["columns"]["hashrate_ths"]

    assert [value for value in column if value is not None] == [200]


def test_a_metric_of_machines_is_none_of_a_site(world):
    answer = by_session(world.ada).get("/api/v1/series/?scope=site&id=PECOS&metrics=fan_rpm&range=1h")

    assert answer.status_code == 400
    assert answer.json()["parameters"][0]["name"] == "metrics"


def test_lists_show_each_machine_in_its_own_state_while_its_site_is_live(world):
    client = by_session(world.ada)

    assert states(client) == {1: "ok", 2: "ok", 3: "warning", 4: "warning"}
    assert states(client, "&state=warning") == {3: "warning", 4: "warning"}
    assert states(client, "&state=stale") == {}


def test_machines_of_a_site_that_is_no_longer_swept_are_stale_in_list_filter_and_detail(world, time_machine, now):
    device, client = machine(world.c1, 1), by_session(world.ada)
    DeviceNow.objects.filter(device=machine(world.c1, 2)).update(state="unknown", reason="never polled")
    time_machine.move_to(datetime.fromtimestamp(now, UTC) + timedelta(seconds=46))

    assert states(client) == {1: "stale", 2: "unknown", 3: "stale", 4: "stale"}
    assert states(client, "&state=stale") == {1: "stale", 3: "stale", 4: "stale"}
    assert states(client, "&state=ok") == {}
    assert states(client, "&state=unknown") == {2: "unknown"}
    assert client.get(f"/api/v1/devices/{device.pk}/").json()["state"] == "stale"
    assert client.get("/api/v1/latest/").json()["fleet"]["sites_reporting"] == 0


def test_what_turns_stale_gets_a_new_etag(world, time_machine, now):
    client = by_session(world.ada)
    fresh = client.get("/api/v1/devices/")
    time_machine.move_to(datetime.fromtimestamp(now, UTC) + timedelta(seconds=46))

    assert client.get("/api/v1/devices/", headers={"If-None-Match": fresh["ETag"]}).status_code == 200


def test_a_site_in_maintenance_covers_its_machines(world):
    plan_off(world.pecos)

    assert set(states(by_session(world.ada)).values()) == {"maintenance"}
    assert len(states(by_session(world.ada), "&state=maintenance")) == 4


def test_a_machine_without_a_current_row_is_unknown(world):
    DeviceNow.objects.filter(device=machine(world.c1, 1)).delete()
    client = by_session(world.ada)

    assert states(client)[1] == "unknown"
    assert states(client, "&state=unknown") == {1: "unknown"}
    assert client.get(f"/api/v1/devices/{machine(world.c1, 1).pk}/").status_code == 200
