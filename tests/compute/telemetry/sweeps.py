"""Small readings and polls for the tests of telemetry."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import connection

from compute.models import Container, Device
from compute.protocols.reading import Board, Gpu, Pool, Reading, State
from compute.telemetry import store
from compute.telemetry.polled import Polled


def mining(hashrate_ths=200.0, *, power_w=3500.0, chip_c=70.0, accepted=100, uptime_s=3600, **more) -> Reading:
    """A healthy S21 of 200 TH/s, unless said otherwise."""
    boards = [
        Board(slot=slot, hashrate_ths=hashrate_ths / 3, temperature_c=60.0, chip_temperature_c=chip_c)
        for slot in range(3)
    ]
    said = {
        "vendor": "Bitmain", "model": "Antminer S21", "mac": "02:00:00:00:00:01", "state": State.MINING,
        "hashrate_ths": hashrate_ths, "power_w": power_w, "uptime_s": uptime_s, "fans_rpm": [5000, 5200],
        "boards": boards, "pools": [Pool(url="stratum+tcp://pool", accepted=accepted, rejected=0, active=True)],
    }  # fmt: skip
    return Reading(**(said | more))


def serving(tokens_total=1000.0, *, count=2, utilisation_pct=50.0, **more) -> Reading:
    """A GPU node at work."""
    cards = [
        Gpu(uuid=f"GPU-{n}", utilisation_pct=utilisation_pct, memory_used_mib=1000.0, temperature_c=55.0)
        for n in range(count)
    ]
    said = {
        "vendor": "NVIDIA", "state": State.SERVING, "power_w": 1400.0, "gpus": cards, "requests_running": 3.0,
        "tokens_total": tokens_total,
    }  # fmt: skip
    return Reading(**(said | more))


def machine(box: Container, slot: int) -> Device:
    return Device.objects.get(container=box, slot=slot)


def heard(device: Device, at: float, reading: Reading, *, full: bool = False) -> Polled:
    return Polled(device.pk, device.container_id, device.slot, at, reading=reading, full=full)


def silent(device: Device, at: float, failure: str = "deadline") -> Polled:
    return Polled(device.pk, device.container_id, device.slot, at, failure=failure)


def make_gpu(box: Container, slot: int, gpus: int = 2) -> Device:
    return Device.objects.create(
        site=box.site, container=box, slot=slot, address=f"127.8.{box.pk % 250}.{slot}", port=9400,
        language="gpu_node", is_gpu=True, gpus=gpus,
    )  # fmt: skip


def moment(second: float) -> datetime:
    return datetime.fromtimestamp(second, UTC)


TABLES = {
    "telemetry_hot": "container_id, kind, minute_at, encode(frame, 'hex')",
    "telemetry_current": "container_id, kind, first_at, encode(frame, 'hex'), encode(health, 'hex')",
    "telemetry_rollup": "*",
    "telemetry_totals": "*",
    "telemetry_site": "*",
    "telemetry_detail": "container_id, written_at, encode(body, 'hex')",
    "compute_devicenow": "device_id, state, reason",
}
SINCE = "since"


def sweep(box: Container, at: float, hashrates: Sequence[float | None]) -> store.Written:
    """One sweep of a container: a hashrate per place, None for a machine that did not answer."""
    polls = [
        silent(machine(box, slot), at) if ths is None else heard(machine(box, slot), at, mining(ths))
        for slot, ths in enumerate(hashrates, 1)
    ]
    return store.write(box.site_id, polls)


def snapshot() -> dict[str, list[dict[str, object]]]:
    """Every row that telemetry wrote, without the moments at which a state was first seen."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in sorted(cursor.fetchall(), key=str)]
            found[table] = [{name: value for name, value in row.items() if name != SINCE} for row in rows]
    return found
