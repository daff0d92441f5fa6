"""The console says what is broken, and is right again within 60 s without a hand."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from tests.faults.console import CHECKOUT, SWEEP_S, Console, until

pytestmark = pytest.mark.faults

RIGHT_AGAIN_S = 60


def test_a_change_inside_a_machine_is_on_its_page_within_one_sweep_and_two_seconds(console):
    device = console.get("/api/v1/devices/?site=MACON&container=C01")[1]["results"][0]
    reading = f"/api/v1/devices/{device['id']}/reading/"
    before = console.get(reading)[1]
    assert before["state"] == "ok", before

    machine = ["--machine", device["address"], "--fault", "dead_board"]
    tell_estate(console, *machine)
    took_s = until(SWEEP_S + 2, lambda: console.get(reading)[1]["state"] != "ok", lambda: console.get(reading))

    print(f"a dead board was on the page after {took_s:.1f} s")


def test_a_worker_killed_in_the_middle_of_a_sweep(console):
    until(30, console.is_right, console.sites_live)
    assert console.kill("worker --queues=collect") > 0
    time.sleep(1)
    print(f"right again after {until(RIGHT_AGAIN_S, console.is_right, console.sites_live):.1f} s")
    until(3 * SWEEP_S, lambda: newest_sweep_s(console) < SWEEP_S + 5, lambda: newest_sweep_s(console))


def test_redis_killed(console):
    until(30, console.is_right, console.sites_live)
    os.kill(console.redis_process(), signal.SIGKILL)
    until(RIGHT_AGAIN_S, lambda: console.get("/health/ready")[1]["parts"]["redis"]["state"] == "ok")
    time.sleep(2 * SWEEP_S + 6)
    print(f"right again after {until(RIGHT_AGAIN_S, console.is_right, console.sites_live):.1f} s more")


def test_postgresql_stopped_for_twenty_seconds(console, database):
    until(30, console.is_right, console.sites_live)
    database.stop()
    until(10, lambda: console.get("/health/ready")[0] == 503)
    status, problem = console.get("/api/v1/sites/")
    assert status == 503
    assert "Traceback" not in str(problem)
    time.sleep(20)
    database.start()
    print(f"right again after {until(RIGHT_AGAIN_S, console.is_right, console.sites_live):.1f} s")


def test_stopping_leaves_no_process(console):
    console.stop()
    until(5, lambda: not console.processes(), console.processes)


def newest_sweep_s(console: Console) -> float:
    """Seconds since the oldest of all sites' last sweeps."""

    sites = console.get("/api/v1/latest/")[1]["sites"]
    swept = [datetime.fromisoformat(one["totals"]["swept_at"]) for one in sites]
    return (datetime.now(UTC) - min(swept)).total_seconds()


def tell_estate(console: Console, *words: str) -> None:
    command = [sys.executable, "-m", "cango_ops.estate", "--run-dir", str(console.folder / "estate"), *words]
    subprocess.run(command, cwd=CHECKOUT, env=console.environment, check=True, timeout=30, capture_output=True)
