"""`nvidia-smi -q` as text or XML, or its CSV, as a support case brings it: read from a file, not asked over a wire.

The text is a tree by indentation; "N/A" is absent. A file may hold several runs (idle, then load): the last one counts.
XML is searched by tags without a parser that expands entities.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import dcgm, fields, nvidia_smi_csv
from compute.protocols.reading import Fault, Gpu, Reading, ReadingTalk
from compute.protocols.talk import Talk

MAX_LINES = 100_000
MAX_PARTS = 16
LOG = "NVSMI LOG"
_GPU_HEAD = re.compile(r"^GPU\s+[0-9A-Fa-f]{4,8}:[0-9A-Fa-f:.]+\s*$")
_TAG = re.compile(
    r'<(?P<close>/?)(?P<name>\w{1,60})(?:\s+(?:id="(?P<bus>[\w:.-]{1,40})")?[^<>/]{0,200})?(?P<empty>/?)>(?P<text>[^<]{0,200})'
)

Facts = dict[str, str]


def parse(raw: bytes) -> Reading:
    """The reading of one node. Raises Garbled."""
    if len(raw) > 4 << 20:
        raise Garbled("too large for nvidia-smi")
    text = raw.decode("utf-8", "replace")
    if LOG not in text and "<nvidia_smi_log" not in text and nvidia_smi_csv.is_table(text):
        return _of_table(text)
    found = list(_from_xml(text) if "<nvidia_smi_log" in text else _from_text(text))[: dcgm.MAX_GPUS]
    if not found:
        raise Garbled("no GPU in nvidia-smi's output")
    gpus = [_gpu(facts) for facts in found]
    # Compute instances share the memory of their GPU instance: one of its name is enough.
    instances = list({part.uuid: part for facts in found for part in _instances(facts)}.values())[: dcgm.MAX_GPUS]
    return Reading(
        vendor="NVIDIA",
        model=gpus[0].model,
        firmware=_first(found[0], "driver version", "driver_version"),
        serial=_serial(found[0]),
        state=dcgm.state_of(gpus),
        power_w=dcgm.power_of(gpus),
        power_limit_w=fields.total([_watts(facts, *LIMITS) for facts in found]),
        fans_rpm=None,
        gpus=gpus + instances,
        errors=[dcgm.xid_fault(gpu) for gpu in gpus if gpu.xid] + lost(gpus, found),
    )


def _of_table(text: str) -> Reading:
    """The reading of a table in CSV. Raises Garbled."""
    rows = nvidia_smi_csv.rows(text)[: dcgm.MAX_GPUS]
    gpus = [nvidia_smi_csv.gpu_of(at, row, dcgm.MAX_GPU_POWER_W) for at, row in enumerate(rows)]
    limits = [nvidia_smi_csv.number(row, "enforced.power.limit", "power.limit") for row in rows]
    return Reading(
        vendor="NVIDIA",
        model=gpus[0].model,
        firmware=nvidia_smi_csv.said(rows[0], "driver_version"),
        state=dcgm.state_of(gpus),
        power_w=dcgm.power_of(gpus),
        power_limit_w=fields.total([fields.between(limit, 0, dcgm.MAX_GPU_POWER_W) for limit in limits]),
        gpus=gpus,
        errors=lost(gpus, rows),
    )


# What stands in the place of numbers where the driver does not reach a GPU any more.
LOST = ("gpu is lost", "unknown error", "err!")


def lost(gpus: list[Gpu], said: Sequence[Mapping[str, str]]) -> list[Fault]:
    """A fault for each GPU of which the driver says so."""
    return [
        Fault(code="gpu_lost", message=f"{gpu.uuid}: the driver does not reach it")
        for gpu, values in zip(gpus, said, strict=False)
        if any(word in value.lower() for value in values.values() for word in LOST)
    ]


TEMPERATURES = ("temperature/gpu current temp", "temperature/gpu", "temperature/gpu_temp")
LIMITS = (
    "gpu power readings/current power limit",
    "power readings/enforced power limit",
    "power readings/power limit",
    "gpu_power_readings/current_power_limit",
    "gpu_power_readings/power_limit",
    "power_readings/enforced_power_limit",
    "power_readings/power_limit",
)
DRAWS = (
    "gpu power readings/instantaneous power draw",
    "gpu power readings/average power draw",
    "gpu power readings/power draw",
    "power readings/power draw",
    "gpu_power_readings/instant_power_draw",
    "gpu_power_readings/average_power_draw",
    "gpu_power_readings/power_draw",
    "power_readings/instant_power_draw",
    "power_readings/power_draw",
)
# Under these the reader itself keeps what a heading says: the bus address, and how many MIG instances came.
BUS, PARTS = "(bus)", "(parts)"


def _gpu(facts: Facts) -> Gpu:
    busy = _number(facts, "utilization/gpu", "utilization/gpu_util")
    return Gpu(
        uuid=uuid_of(facts),
        model=_first(facts, "product name", "product_name"),
        utilisation_pct=fields.between(busy, 0, 100),
        memory_used_mib=_number(facts, "fb memory usage/used", "fb_memory_usage/used"),
        power_w=_watts(facts, *DRAWS),
        temperature_c=fields.celsius(_number(facts, *TEMPERATURES)),
    )


def uuid_of(facts: Facts) -> str:
    """The UUID; where the tool hides it, the bus address keeps the GPUs of a node apart."""
    return _first(facts, "gpu uuid", "uuid") or f"bus {facts.get(BUS) or 'unknown'}"


def _instances(facts: Facts) -> Iterator[Gpu]:
    """The MIG instances of one GPU, which have memory of their own and nothing else. Keyed like dcgm-exporter's."""
    model = _first(facts, "product name", "product_name")
    for at in range(min(int(facts.get(PARTS, "0")), MAX_PARTS)):
        own = {key.removeprefix(f"mig {at}/"): value for key, value in facts.items() if key.startswith(f"mig {at}/")}
        instance = _first(own, "gpu instance id", "gpu_instance_id") or str(at)
        yield Gpu(
            uuid=_first(own, "mig device uuid", "uuid") or f"{uuid_of(facts)}/{instance}",
            model=f"{model} MIG" if model else None,
            memory_used_mib=_number(own, "shared fb memory usage/used", "fb memory usage/used", "fb_memory_usage/used"),
        )


def _first(facts: Facts, *keys: str) -> str | None:
    return next((said for key in keys if (said := fields.text(facts.get(key)))), None)


def _number(facts: Facts, *keys: str) -> float | None:
    """The first number under any of the names; its unit ("MiB", "%", "W", "C") is fixed by the name."""
    return next((read for key in keys if (read := fields.quantity(facts.get(key))) is not None), None)


def _watts(facts: Facts, *keys: str) -> float | None:
    return fields.between(_number(facts, *keys), 0, dcgm.MAX_GPU_POWER_W)


def _serial(facts: Facts) -> str | None:
    said = _first(facts, "serial number", "serial")
    return said if said and set(said) != {"0"} else None


def _from_text(text: str) -> Iterator[Facts]:
    """The facts of each GPU of the last run, under "parent/name"."""
    start = text.rfind(LOG)
    if start < 0:
        raise Garbled("not nvidia-smi's output")
    shared: Facts = {}
    facts: Facts | None = None
    path: list[tuple[int, str]] = []
    for line in text[start:].splitlines()[1:MAX_LINES]:
        if line.startswith("#"):
            break
        if _GPU_HEAD.match(line):
            if facts is not None:
                yield facts
            facts, path = shared | {BUS: line.split()[1]}, []
        elif line.strip():
            _take(line, shared if facts is None else facts, path)
    if facts is not None:
        yield facts


def _take(line: str, facts: Facts, path: list[tuple[int, str]]) -> None:
    """One line of the tree: a heading, or a name and its value. The first of a name counts."""
    depth = len(line) - len(line.lstrip())
    while path and path[-1][0] >= depth:
        path.pop()
    name, colon, value = line.partition(" : ")
    key = name.strip().lower()[:80]
    part = [parent for _, parent in path if parent.startswith("mig ")][:1]
    if colon:
        parents = [parent for _, parent in path[-1:] if parent not in part]
        facts.setdefault("/".join([*part, *parents, key]), value.strip())
    elif len(path) < 12:
        path.append((depth, _next_part(facts) if key == "mig device" else key.replace("mig ", "mig-")))


def _next_part(facts: Facts) -> str:
    """The name under which the facts of the next MIG instance stand; it is counted."""
    at = int(facts.get(PARTS, "0"))
    facts[PARTS] = str(at + 1)
    return f"mig {at}"


def _from_xml(text: str) -> Iterator[Facts]:
    """The same of XML, whose GPUs stand in <gpu>."""
    start = text.rfind("<nvidia_smi_log")
    shared: Facts = {}
    facts: Facts | None = None
    path: list[str] = []
    for found in _TAG.finditer(text, start):
        name = found["name"].lower()
        if found["close"]:
            if name == "gpu" and facts is not None and path[-1:] == ["gpu"]:
                yield facts
                facts = None
            if path and (path[-1] == name or (name == "mig_device" and path[-1].startswith("mig "))):
                path.pop()
            continue
        if name == "gpu" and facts is None:
            facts = shared | {BUS: found["bus"] or ""}
        elif found["text"].strip():
            part = [parent for parent in path if parent.startswith("mig ")][:1]
            parent = [path[-1]] if path and path[-1] not in ("gpu", "nvidia_smi_log", *part) else []
            (shared if facts is None else facts).setdefault("/".join([*part, *parent, name]), found["text"].strip())
        if len(path) < 40 and not found["empty"]:
            path.append(_next_part(facts) if name == "mig_device" and facts is not None else name)


class NvidiaSmi:
    """The output of a command, recorded."""

    name: ClassVar[str] = "nvidia_smi"
    port: ClassVar[int] = 0

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(Ask("nvidia_smi", b"", Framing.CLOSE), parse)
        return talk.finish(reading or Reading())

    def inspect(self) -> ReadingTalk:
        return self.poll()
