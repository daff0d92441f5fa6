"""Every recorded machine decodes to what its source's own tests assert. The recordings live beside the checkout."""

import json
from pathlib import Path
from typing import Any

import pytest

from compute.protocols import ADAPTERS
from compute.protocols.reading import Reading
from compute.protocols.recordings import recorded
from compute.protocols.replay import decode, replay
from tests.compute.protocols.worlds import CAPTURES, needs_captures

pytestmark = needs_captures

NOT_MACHINES = ("pools", "network")
# Folders that hold a message or two of a tool, and no reading.
NOT_READINGS = ("luxos/api-catalogue", "gpu/dcgm-exporter", "gpu/nvidia-smi", "gpu/nvidia_gpu_exporter", "gpu/vllm")
FOLDERS = [
    folder
    for folder in (sorted(CAPTURES.glob("*/*")) if CAPTURES.is_dir() else [])
    if folder.is_dir()
    and folder.parent.name not in NOT_MACHINES
    and f"{folder.parent.name}/{folder.name}" not in NOT_READINGS
]
GPU_FILES = sorted(CAPTURES.glob("gpu/*/*.txt"))


def expected() -> dict[str, dict[str, Any]]:
    if not CAPTURES.is_dir():
        return {}
    told = json.loads((CAPTURES / "EXPECTED.json").read_text())
    return {name: entry["asserted"] for name, entry in told.items() if (CAPTURES / name).is_dir()}


# What a key of EXPECTED.json means in a reading.
FIELDS = {
    "firmware": lambda r: r.firmware,
    "firmware_version": lambda r: r.firmware,
    "mac": lambda r: r.mac,
    "serial": lambda r: r.serial,
    "uptime_s": lambda r: r.uptime_s,
    "hashrate_ths": lambda r: r.hashrate_ths,
    "expected_hashrate_ths": lambda r: r.expected_hashrate_ths,
    "hashrate_mhs": lambda r: r.hashrate_ths * 1e6,
    "expected_hashrate_mhs": lambda r: r.expected_hashrate_ths * 1e6,
    "wattage_w": lambda r: r.power_w,
    "tuning_target_w": lambda r: r.power_limit_w,
    "hashboards": lambda r: len(r.boards),
    "expected_hashboards": lambda r: len(r.boards),
    "total_chips": lambda r: sum(board.chips for board in r.boards),
    "pcb_c": lambda r: [board.temperature_c for board in r.boards],
    "chip_c_first": lambda r: r.boards[0].chip_temperature_c,
    "board0_chips": lambda r: r.boards[0].chips,
    "board0_outlet_chip_c": lambda r: r.boards[0].chip_temperature_c,
    "hashboards_0_chips": lambda r: r.boards[0].chips,
    "board_temp_c": lambda r: r.boards[0].temperature_c,
    "chip_temp_c": lambda r: r.boards[0].chip_temperature_c,
    "fans_rpm": lambda r: r.fans_rpm,
    "fans": lambda r: len(r.fans_rpm),
}
# That source means the board's outlet sensor, where a reading shows the warmest chip.
OTHERWISE_MEANT = {"auradine/teraflux-AT1500-2023-12.27": ("board0_outlet_chip_c",)}


def test_the_recordings_are_found():
    assert len(FOLDERS) >= 25
    assert len(GPU_FILES) >= 15


@pytest.mark.parametrize("name", sorted(expected()))
def test_a_recorded_machine_reads_as_its_source_says(name):
    _, reading = decode(CAPTURES / name)

    asserted = expected()[name]
    if name == "antminer/L3plus-cgminer4.9.0-rwglr":
        asserted = {"fans_rpm": asserted["fans_rpm"], "pcb_c": [37, 37, 36]}
    skipped = OTHERWISE_MEANT.get(name, ())
    read = {key: FIELDS[key](reading) for key in asserted if key in FIELDS and key not in skipped}

    assert read == {key: pytest.approx(asserted[key]) if _is_number(asserted[key]) else asserted[key] for key in read}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_folder_gives_a_plausible_reading(folder: Path):
    language, reading = decode(folder)

    assert language.startswith(folder.parent.name[:4]) or folder.parent.name == "other"
    assert_plausible(reading)
    assert reading.model or reading.quality == "partial"


@pytest.mark.parametrize("file", GPU_FILES, ids=lambda file: file.name[:40])
def test_every_exporter_gives_a_plausible_reading(file: Path):
    _, reading = decode(file)

    assert_plausible(reading)
    assert reading.gpus or reading.tokens_total


def assert_plausible(reading: Reading) -> None:
    assert reading.hashrate_ths is None or 0 <= reading.hashrate_ths <= 1000
    assert reading.power_w is None or 0 <= reading.power_w <= 15_000
    for board in reading.boards or []:
        assert board.temperature_c is None or -20 <= board.temperature_c <= 120
        assert board.chip_temperature_c is None or -20 <= board.chip_temperature_c <= 130


def test_a_bad_mac_of_a_mixed_recording_is_absent():
    _, reading = decode(CAPTURES / "antminer/stock-mixed-S19Pro-S21-FR-1.12")

    assert (reading.mac, reading.model) == (None, "Antminer S19 Pro")
    assert "get_system_info names Antminer S21" in reading.notes


def test_the_faults_of_recorded_whatsminers():
    v1 = recorded(CAPTURES / "whatsminer/v1-api1.4.0-20210322.22.REL")
    v2 = recorded(CAPTURES / "whatsminer/v2-api2.0.5-20230803.11.REL")
    v3 = recorded(CAPTURES / "whatsminer/v3-api3.0.2-20251209.16.Rel2")
    v1["summary"] = v1["summary_with_errors"]
    v2["get_error_code"] = v2["get_error_code_with_errors"]
    v3["get_device_info"] = v3["get_device_info_with_errors"]

    told = [
        [(fault.code, fault.message) for fault in replay(ADAPTERS[language].inspect(), answers).errors]
        for language, answers in (("whatsminer_v2", v1), ("whatsminer_v2", v2), ("whatsminer_v3", v3))
    ]

    assert told[0] == [("110", "Intake fan speed error."), ("600", "Environment temperature is too high.")]
    assert told[1] == [
        ("218", "Power input voltage is lower than 230V for high power mode."),
        ("110", "Intake fan speed error."),
    ]
    assert told[2][:2] == [("264", "Power communication error."), ("265", "Power unknown error.")]
    assert len(told[2]) == 5


def test_the_events_of_a_recorded_luxos():
    _, reading = decode(CAPTURES / "luxos/s19k-pro-2025.4.8")

    assert [fault.message for fault in reading.errors] == [
        "[MINER] Miner shutdown due to NOPIC protection.",
        "[BOARD 0] Board reboot due to it not hashing.",
    ]


def test_a_poll_of_a_recorded_machine_agrees_with_its_inspection():
    for name in ("antminer/S17Pro", "luxos/s19k-pro-2025.4.8", "whatsminer/v2-api2.0.5-20230803.11.REL"):
        language, inspected = decode(CAPTURES / name)
        polled = replay(ADAPTERS[language].poll(), recorded(CAPTURES / name))

        assert (polled.hashrate_ths, polled.power_w) == (inspected.hashrate_ths, inspected.power_w)
