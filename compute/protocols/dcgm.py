"""NVIDIA's dcgm-exporter on TCP 9400, GET /metrics.

GPUs are kept by UUID, never by index; a MIG instance is a GPU of its own, its UUID followed by the instance. The host's
label is Hostname or, since 2026-05, hostname. DCGM_FI_DEV_XID_ERRORS is the last XID, not a count; 0 is none. GPU_UTIL
says that a kernel ran; where the profiling ratio is there it is taken instead, and which of them it was is noted.
"""

from collections.abc import Mapping
from typing import ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import fields
from compute.protocols.prometheus import Labels, Sample, samples
from compute.protocols.reading import Fault, Gpu, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

MAX_GPUS = 128
MAX_GPU_POWER_W = 5_000

UTIL, ENGINE = "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
MEMORY, POWER = "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_POWER_USAGE"
TEMPERATURE, XID = "DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_XID_ERRORS"
# How often an XID (label xid) came within the exporter's window; off by default.
XID_COUNT = "DCGM_EXP_XID_ERRORS_COUNT"
LIMIT = "DCGM_FI_DEV_POWER_MGMT_LIMIT"
# Looked for only where none of the others is there: they show at least which GPUs there are.
CLOCKS = ("DCGM_FI_DEV_SM_CLOCK", "DCGM_FI_DEV_MEM_CLOCK", "DCGM_FI_DEV_MEMORY_TEMP")
# dcgm-exporter 1 wrote them so, with the label uuid.
OLD_NAMES = {
    "dcgm_gpu_utilization": UTIL,
    "dcgm_fb_used": MEMORY,
    "dcgm_power_usage": POWER,
    "dcgm_gpu_temp": TEMPERATURE,
    "dcgm_xid_errors": XID,
}
WANTED = frozenset((UTIL, ENGINE, MEMORY, POWER, TEMPERATURE, XID, XID_COUNT, LIMIT, *OLD_NAMES))

Values = dict[str, float]


def ask_metrics(port: int | None = None) -> Ask:
    return Ask("dcgm_metrics", http_get("/metrics"), Framing.HTTP, port=port, limit_bytes=4 << 20)


def parse(raw: bytes) -> Reading:
    """The reading of a node. Raises Garbled where there is no GPU at all."""
    gpus, values = _by_gpu(samples(raw, WANTED) or samples(raw, CLOCKS))
    if not gpus:
        raise Garbled("no GPU in the metrics")
    read = [gpu_of(uuid, labels, values[uuid]) for uuid, labels in gpus.items()]
    model = next((name for labels in gpus.values() if (name := fields.text(labels.get("modelName")))), None)
    first = next(iter(gpus.values()))
    return Reading(
        vendor="NVIDIA",
        model=model,
        firmware=fields.text(first.get("DCGM_FI_DRIVER_VERSION")),
        state=state_of(read),
        power_w=power_of(read),
        power_limit_w=fields.total([_watts(values[uuid].get(LIMIT)) for uuid in gpus if "/" not in uuid]),
        gpus=read,
        errors=[xid_fault(gpu) for gpu in read if gpu.xid],
        notes=_notes(values),
    )


def _by_gpu(found: list[Sample]) -> tuple[dict[str, Labels], dict[str, Values]]:
    """Labels and values per GPU or MIG instance."""
    gpus: dict[str, Labels] = {}
    values: dict[str, Values] = {}
    known: dict[int, str | None] = {}  # the same labels are the same object, see labels_of
    for name, labels, value in found:
        which = id(labels)
        if which not in known:
            known[which] = uuid_of(labels)
        uuid = known[which]
        if uuid is None:
            continue
        if uuid not in gpus:
            if len(gpus) >= MAX_GPUS:
                continue
            gpus[uuid], values[uuid] = labels, {}
        elif "modelName" in labels and "modelName" not in gpus[uuid]:
            gpus[uuid] = labels  # some put a relabelled series first
        # A value that is there once per pod or process is the same value: the last one stands.
        if name == XID_COUNT:
            if value > 0 and not values[uuid].get(XID):
                values[uuid][XID] = fields.number(labels.get("xid")) or 0.0
        elif name != XID or value or not values[uuid].get(XID):
            values[uuid][OLD_NAMES.get(name, name)] = value
    return gpus, values


def uuid_of(labels: Labels) -> str | None:
    """The UUID, followed by "/instance" for a part of a GPU (MIG)."""
    uuid = fields.text(labels.get("UUID") or labels.get("uuid"))
    instance = labels.get("GPU_I_ID")
    return f"{uuid}/{instance[:16]}" if uuid and instance else uuid


def gpu_of(uuid: str, labels: Labels, values: Mapping[str, float]) -> Gpu:
    model = fields.text(labels.get("modelName"))
    profile = fields.text(labels.get("GPU_I_PROFILE"))
    busy = fields.between(values.get(ENGINE), 0, 1.01)
    return Gpu(
        uuid=uuid,
        model=f"{model} MIG {profile}" if model and profile else model,
        utilisation_pct=min(100 * busy, 100.0) if busy is not None else fields.between(values.get(UTIL), 0, 100),
        memory_used_mib=fields.between(values.get(MEMORY), 0, 1 << 22),
        power_w=_watts(values.get(POWER)),
        temperature_c=fields.celsius(values.get(TEMPERATURE)),
        xid=_xid(values.get(XID)),
    )


def _watts(value: float | None) -> float | None:
    return fields.between(value, 0, MAX_GPU_POWER_W)


def _xid(value: float | None) -> int | None:
    read = fields.between(value, 0, 10_000)
    return int(read) if read is not None else None


def power_of(gpus: list[Gpu]) -> float | None:
    """The sum over whole GPUs. Instances repeat the power of their GPU, so each GPU counts once."""
    by_gpu: dict[str, float | None] = {}
    for gpu in gpus:
        whole = gpu.uuid.partition("/")[0]
        by_gpu[whole] = fields.highest([by_gpu.get(whole), gpu.power_w])
    return fields.total(list(by_gpu.values()))


def state_of(gpus: list[Gpu]) -> State:
    """Serving where any GPU works, idle where all stand still; what it serves only the inference server knows."""
    busy = [gpu.utilisation_pct for gpu in gpus if gpu.utilisation_pct is not None]
    if not busy:
        return State.UNKNOWN
    return State.SERVING if max(busy) > 0 else State.IDLE


def xid_fault(gpu: Gpu) -> Fault:
    return Fault(code=f"XID {gpu.xid}", message=f"last XID of {gpu.uuid}")


def _notes(values: Mapping[str, Values]) -> list[str]:
    if any(UTIL in found and ENGINE not in found for found in values.values()):
        return ["utilisation is estimated: without profiling metrics it says only that a kernel ran"]
    return []


class Dcgm:
    """A node's GPUs as dcgm-exporter tells them. One connection per sweep."""

    name: ClassVar[str] = "dcgm"
    port: ClassVar[int] = 9400

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask_metrics(), parse)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        return self.poll()
