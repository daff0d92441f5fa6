"""nvidia_gpu_exporter on TCP 9835, GET /metrics: nvidia-smi's own fields with units in their names.

UUIDs come without the "GPU-" in front; utilisation is a ratio; memory is in bytes. MIG instances have memory of their
own and no power. nvidia_smi_xid_errors_total{xid="79"} counts, so the XID with a count is shown.
"""

from collections.abc import Mapping
from typing import ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import dcgm, fields
from compute.protocols.prometheus import Labels, samples
from compute.protocols.reading import Gpu, Reading, ReadingTalk
from compute.protocols.talk import Talk

BYTES_PER_MIB = 1 << 20
INFO, MIG, XID = "nvidia_smi_gpu_info", "nvidia_smi_mig_info", "nvidia_smi_xid_errors_total"
UTIL, MEMORY = "nvidia_smi_utilization_gpu_ratio", "nvidia_smi_memory_used_bytes"
MIG_MEMORY = "nvidia_smi_mig_memory_used_bytes"
POWER = ("nvidia_smi_power_draw_instant_watts", "nvidia_smi_power_draw_watts", "nvidia_smi_power_draw_average_watts")
LIMIT, TEMPERATURE = "nvidia_smi_enforced_power_limit_watts", "nvidia_smi_temperature_gpu"
SUCCESS = "nvidia_smi_last_collect_success"
WANTED = frozenset((INFO, MIG, XID, UTIL, MEMORY, MIG_MEMORY, *POWER, LIMIT, TEMPERATURE))

Values = dict[str, float]


def parse(raw: bytes) -> Reading:
    """The reading of a node. Raises Garbled where there is no GPU."""
    info: dict[str, Labels] = {}
    values: dict[str, Values] = {}
    parts: list[Labels] = []
    part_memory: dict[tuple[str, str], float] = {}
    for name, labels, value in samples(raw, WANTED):
        uuid = labels.get("uuid", "")[: fields.MAX_TEXT]
        if not uuid or (uuid not in values and len(values) >= dcgm.MAX_GPUS):
            continue
        own = values.setdefault(uuid, {})
        if name == INFO:
            info[uuid] = labels
        elif name == MIG:
            parts.append(labels)
        elif name == MIG_MEMORY:
            part_memory[(uuid, labels.get("gpu_instance_id", ""))] = value
        elif name == XID:
            own[XID] = fields.number(labels.get("xid")) or 0.0 if value else own.get(XID, 0.0)
        else:
            own[name] = value
    if not values:
        has_failed = any(value == 0 for _, _, value in samples(raw, (SUCCESS,)))
        raise Garbled("nvidia-smi fails on this node" if has_failed else "no GPU in the metrics")
    gpus = [_gpu(uuid, info.get(uuid, {}), own) for uuid, own in values.items()]
    first = next(iter(info.values()), {})
    return Reading(
        vendor="NVIDIA",
        model=gpus[0].model,
        firmware=fields.text(first.get("driver_version")),
        serial=_serial(first),
        state=dcgm.state_of(gpus),
        power_w=dcgm.power_of(gpus),
        power_limit_w=fields.total([fields.watts(own.get(LIMIT)) for own in values.values()]),
        gpus=gpus + [_part(labels, info, part_memory) for labels in parts[: dcgm.MAX_GPUS]],
        errors=[dcgm.xid_fault(gpu) for gpu in gpus if gpu.xid],
    )


def _serial(labels: Labels) -> str | None:
    said = fields.text(labels.get("serial"))
    return said if said and set(said) != {"0"} else None


def _gpu(uuid: str, labels: Labels, values: Mapping[str, float]) -> Gpu:
    busy, memory = fields.between(values.get(UTIL), 0, 1), fields.between(values.get(MEMORY), 0, 1 << 44)
    watts = (fields.between(values.get(name), 0, dcgm.MAX_GPU_POWER_W) for name in POWER)
    xid = fields.count(values.get(XID))
    return Gpu(
        uuid=full_uuid(uuid),
        model=fields.text(labels.get("name")),
        utilisation_pct=100 * busy if busy is not None else None,
        memory_used_mib=memory / BYTES_PER_MIB if memory is not None else None,
        power_w=next((read for read in watts if read is not None), None),
        temperature_c=fields.celsius(values.get(TEMPERATURE)),
        xid=xid,
    )


def full_uuid(uuid: str, prefix: str = "GPU-") -> str:
    """The UUID as every other tool writes it."""
    return uuid if uuid.startswith((prefix, "MIG-")) else prefix + uuid


def _part(labels: Labels, info: Mapping[str, Labels], memory: Mapping[tuple[str, str], float]) -> Gpu:
    """A MIG instance."""
    uuid, instance = labels.get("uuid", ""), labels.get("gpu_instance_id", "")
    model, profile = fields.text(info.get(uuid, {}).get("name")), fields.text(labels.get("profile"))
    used = fields.between(memory.get((uuid, instance)), 0, 1 << 44)
    own = fields.text(labels.get("mig_uuid"))
    return Gpu(
        uuid=full_uuid(own, "MIG-") if own else f"{full_uuid(uuid)}/{instance[:16]}",
        model=f"{model} MIG {profile}" if model and profile else model,
        memory_used_mib=used / BYTES_PER_MIB if used is not None else None,
    )


class NvidiaGpuExporter:
    """A node's GPUs as nvidia_gpu_exporter tells them. One connection per sweep."""

    name: ClassVar[str] = "nvidia_gpu_exporter"
    port: ClassVar[int] = 9835

    def poll(self) -> ReadingTalk:
        talk = Talk()
        ask = Ask("smi_metrics", http_get("/metrics"), Framing.HTTP, limit_bytes=4 << 20)
        reading = yield from talk.ask(ask, parse)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        return self.poll()
