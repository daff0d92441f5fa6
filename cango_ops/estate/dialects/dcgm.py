"""NVIDIA's dcgm-exporter on port 9400: the metrics of a node's eight GPUs as Prometheus text.

Names, help texts and labels of dcgm-exporter 4 with the `hostname` label of 2026; power in W, energy in mJ since boot,
memory in MiB, XID is the last one's number. A GPU that fell off the bus is missing.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from cango_ops.estate.gpu_node import GPUS, Node, gpu_energy_mj, gpu_is_gone, gpu_power_w, utilisation, uuid, xid
from cango_ops.estate.nameplates import GpuPlate

DRIVER: Final = "590.48.01"


class Gpu(NamedTuple):
    """One GPU at one moment: what each metric is made of."""

    node: Node
    plate: GpuPlate
    number: int
    t: float
    busy: float
    watts: float


class Metric(NamedTuple):
    name: str
    kind: str
    text: str
    value: Callable[[Gpu], str]


def _memory_mib(gpu: Gpu) -> int:
    """Serving holds nine tenths of the memory, sleeping a sliver of it."""
    held = {0: 0.9, 1: 0.03, 2: 0.02}[gpu.node.sleep_level]
    return 520 if gpu.node.is_broken(gpu.t) else int(gpu.plate.memory_mib * held)


def _heat_c(gpu: Gpu) -> int:
    inlet = gpu.node.site.ambient(gpu.t)
    return int(inlet + 9 + 38 * gpu.watts / gpu.plate.tdp_watts + gpu.node.heat_c + gpu.number % 3)


METRICS: Final = (
    Metric("DEV_SM_CLOCK", "gauge", "SM clock frequency (in MHz).",
           lambda g: str(g.plate.sm_clock_mhz if g.busy > 0.02 else 345)),
    Metric("DEV_MEM_CLOCK", "gauge", "Memory clock frequency (in MHz).", lambda g: str(g.plate.mem_clock_mhz)),
    Metric("DEV_MEMORY_TEMP", "gauge", "Memory temperature (in C).", lambda g: str(_heat_c(g) + 8)),
    Metric("DEV_GPU_TEMP", "gauge", "GPU temperature (in C).", lambda g: str(_heat_c(g))),
    Metric("DEV_POWER_USAGE", "gauge", "Power draw (in W).", lambda g: f"{g.watts:.3f}"),
    Metric("DEV_POWER_MGMT_LIMIT", "gauge", "Power management limit (in W).", lambda g: f"{g.plate.tdp_watts:.6f}"),
    Metric("DEV_TOTAL_ENERGY_CONSUMPTION", "counter", "Total energy consumption since boot (in mJ).",
           lambda g: str(gpu_energy_mj(g.node, g.number, g.t))),
    Metric("DEV_PCIE_REPLAY_COUNTER", "counter", "Total number of PCIe retries.", lambda g: "0"),
    Metric("DEV_GPU_UTIL", "gauge", "GPU utilization (in %).",
           lambda g: str(100 if g.busy > 0.4 else int(g.busy * 240))),
    Metric("DEV_MEM_COPY_UTIL", "gauge", "Memory utilization (in %).", lambda g: str(int(g.busy * 70))),
    Metric("DEV_XID_ERRORS", "gauge", "Value of the last XID error encountered.",
           lambda g: str(xid(g.node, g.number, g.t))),
    Metric("DEV_FB_FREE", "gauge", "Framebuffer memory free (in MiB).",
           lambda g: str(g.plate.memory_mib - _memory_mib(g) - 500)),
    Metric("DEV_FB_USED", "gauge", "Framebuffer memory used (in MiB).", lambda g: str(_memory_mib(g))),
    Metric("DEV_FB_RESERVED", "gauge", "Framebuffer memory reserved (in MiB).", lambda g: "500"),
    Metric("DEV_CORRECTABLE_REMAPPED_ROWS", "counter", "Number of remapped rows for correctable errors", lambda g: "0"),
    Metric("DEV_UNCORRECTABLE_REMAPPED_ROWS", "counter", "Number of remapped rows for uncorrectable errors",
           lambda g: "0"),
    Metric("DEV_ROW_REMAP_FAILURE", "gauge", "Whether remapping of rows has failed", lambda g: "0"),
    Metric("PROF_GR_ENGINE_ACTIVE", "gauge", "Ratio of time the graphics engine is active.", lambda g: f"{g.busy:.6f}"),
    Metric("PROF_PIPE_TENSOR_ACTIVE", "gauge", "Ratio of cycles the tensor (HMMA) pipe is active.",
           lambda g: f"{g.busy * 0.46:.6f}"),
    Metric("PROF_DRAM_ACTIVE", "gauge", "Ratio of cycles the device memory interface is active.",
           lambda g: f"{g.busy * 0.61:.6f}"),
    Metric("PROF_PCIE_TX_BYTES", "gauge", "The rate of data transmitted over the PCIe bus (in bytes per second).",
           lambda g: str(int(g.busy * 2_400_000_000))),
    Metric("PROF_PCIE_RX_BYTES", "gauge", "The rate of data received over the PCIe bus (in bytes per second).",
           lambda g: str(int(g.busy * 3_100_000_000))),
)  # fmt: skip


@lru_cache(maxsize=20_000)
def labels(key: int, index: int, place: str, uuid_text: str, model: str) -> str:
    """The label set of one GPU, the same on every line."""
    return (
        f'gpu="{index}",UUID="{uuid_text}",pci_bus_id="00000000:{0x17 + 0x11 * index:02X}:00.0",device="nvidia{index}",'
        f'modelName="{model}",hostname="{place}",DCGM_FI_DRIVER_VERSION="{DRIVER}"'
    )


def metrics(node: Node, t: float) -> bytes:
    """The whole page."""
    gpus = []
    for index in range(GPUS):
        if not gpu_is_gone(node, index):
            busy, watts = utilisation(node, index, t), gpu_power_w(node, index, t)
            gpu = Gpu(node, node.plate, index, t, busy, watts)
            gpus.append((gpu, labels(node.key, index, node.place, uuid(node, index), node.plate.model)))
    lines = []
    for name, kind, text, value in METRICS:
        lines.append(f"# HELP DCGM_FI_{name} {text}\n# TYPE DCGM_FI_{name} {kind}\n")
        lines += [f"DCGM_FI_{name}{{{said}}} {value(gpu)}\n" for gpu, said in gpus]
    return "".join(lines).encode()
