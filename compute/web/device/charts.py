"""The charts of one machine: what its kind says. Pure."""

from typing import Final

from cango_ops.base.chart import Chart, Line
from compute.models import Device

POWER: Final = ("chart-power", "Power", (Line("power_w", "power", "w"),))
ASIC_LINES: Final = (
    ("chart-hashrate", "Hashrate", (Line("hashrate_ths", "hashrate", "ths"),)),
    POWER,
    (
        "chart-temperature",
        "Temperature and fans",
        (
            Line("chip_temp_c", "chip", "c"),
            Line("board_temp_c", "board", "c", "accent"),
            Line("fan_rpm", "fans", "rpm", "quiet"),
        ),
    ),
)
GPU_LINES: Final = (
    ("chart-gpu", "GPU utilisation", (Line("utilisation_pct", "utilisation", "pct", "use-ai"),)),
    POWER,
    (
        "chart-temperature",
        "Temperature and tokens",
        (Line("gpu_temp_c", "hottest GPU", "c"), Line("tokens_per_s", "tokens", "per_s", "quiet")),
    ),
)


def charts_of(device: Device) -> list[Chart]:
    lines = GPU_LINES if device.is_gpu else ASIC_LINES
    topic = f"container/{device.container_id}"
    return [Chart(name, title, "device", of_machine, topic, str(device.pk)) for name, title, of_machine in lines]
