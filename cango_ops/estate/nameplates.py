"""The machine models that stand in the estate: what their vendors print on the plate. Pure data.

Hashrates and powers are the vendors' figures for the common bin of each model; chips are per hash board.
"""

from typing import Final

import msgspec


class Plate(msgspec.Struct, frozen=True):
    """One ASIC model. wire: how the firmware itself spells the model, where that differs from the sales name."""

    model: str
    ths: int
    watts: int
    boards: int
    chips: int
    fans: int
    freq_mhz: int
    wire: str


class GpuPlate(msgspec.Struct, frozen=True):
    """One GPU model of a node. tokens_per_s: of the whole node at full load."""

    model: str
    memory_mib: int
    tdp_watts: int
    idle_watts: int
    sm_clock_mhz: int
    mem_clock_mhz: int
    tokens_per_s: float
    serves: str


PLATES: Final = {
    plate.model: plate
    for plate in (
        Plate("Antminer S19 Pro", 110, 3250, 3, 114, 4, 525, "Antminer S19 Pro"),
        Plate("Antminer S19j Pro", 100, 3050, 3, 126, 4, 545, "Antminer S19j Pro"),
        Plate("Antminer S19k Pro", 120, 2760, 3, 77, 4, 580, "Antminer S19k Pro"),
        Plate("Antminer S19 XP", 140, 3010, 3, 110, 4, 505, "Antminer S19 XP"),
        Plate("Antminer S21", 200, 3500, 3, 108, 4, 490, "Antminer S21"),
        Plate("M30S++", 112, 3472, 3, 111, 2, 660, "M30S++_VH40"),
        Plate("M50", 114, 3306, 3, 105, 2, 600, "M50_VH60"),
        Plate("M50S+", 138, 3312, 3, 118, 2, 640, "M50S+_VH20"),
        Plate("M60", 172, 3422, 3, 75, 2, 625, "M60_VK30"),
        Plate("AvalonMiner 1246", 90, 3420, 3, 120, 4, 502, "1246-90"),
        Plate("AvalonMiner 1466", 150, 3230, 3, 120, 4, 540, "1466-150"),
    )
}

GPU_PLATES: Final = {
    plate.model: plate
    for plate in (
        GpuPlate("NVIDIA H100 80GB HBM3", 81559, 700, 72, 1980, 2619, 18_000.0, "meta-llama/Llama-3.3-70B-Instruct"),
        GpuPlate("NVIDIA H200", 143771, 700, 76, 1980, 3201, 23_000.0, "meta-llama/Llama-3.3-70B-Instruct"),
        GpuPlate("NVIDIA L40S", 46068, 350, 36, 2520, 9001, 9_000.0, "Qwen/Qwen2.5-32B-Instruct"),
    )
}

# (model, language, share of the ASICs in per cent); the mean is about 128 TH/s a machine.
MIX: Final = (
    ("Antminer S19 XP", "antminer", 18),
    ("Antminer S19 XP", "luxos", 7),
    ("Antminer S19j Pro", "antminer", 13),
    ("Antminer S19j Pro", "braiins", 10),
    ("Antminer S19k Pro", "luxos", 6),
    ("Antminer S19k Pro", "braiins", 4),
    ("Antminer S21", "antminer", 5),
    ("Antminer S21", "luxos", 2),
    ("Antminer S19 Pro", "antminer", 8),
    ("M50", "whatsminer_v2", 5),
    ("M50S+", "whatsminer_v2", 6),
    ("M60", "whatsminer_v2", 4),
    ("M30S++", "whatsminer_v2", 4),
    ("AvalonMiner 1466", "avalon", 5),
    ("AvalonMiner 1246", "avalon", 3),
)
