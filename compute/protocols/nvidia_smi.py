"""`nvidia-smi -q` as text or XML, as a support case brings it. It is read from a file, not asked over a wire.

The text is a tree by indentation; "N/A" is absent. A file may hold several runs (idle, then load): the last one counts.
XML is searched by tags without a parser that expands entities.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import dcgm, fields
from compute.protocols.reading import Gpu, Reading, ReadingTalk
from compute.protocols.talk import Talk

MAX_LINES = 100_000
LOG = "NVSMI LOG"
_GPU_HEAD = re.compile(r"^GPU\s+[0-9A-Fa-f]{4,8}:[0-9A-Fa-f:.]+\s*$")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>\w{1,60})(?:\s[^<>]{0,200})?>(?P<text>[^<]{0,200})")

Facts = dict[str, str]


def parse(raw: bytes) -> Reading:
    """The reading of one node. Raises Garbled."""
    if len(raw) > 4 << 20:
        raise Garbled("too large for nvidia-smi")
    text = raw.decode("utf-8", "replace")
    found = list(_from_xml(text) if "<nvidia_smi_log" in text else _from_text(text))[: dcgm.MAX_GPUS]
    if not found:
        raise Garbled("no GPU in nvidia-smi's output")
    gpus = [_gpu(facts) for facts in found]
    return Reading(
        vendor="NVIDIA",
        model=gpus[0].model,
        firmware=_first(found[0], "driver version", "driver_version"),
        serial=_serial(found[0]),
        state=dcgm.state_of(gpus),
        power_w=dcgm.power_of(gpus),
        power_limit_w=fields.total([_watts(facts, *LIMITS) for facts in found]),
        fans_rpm=None,
        gpus=gpus,
        errors=[dcgm.xid_fault(gpu) for gpu in gpus if gpu.xid],
    )


LIMITS = (
    "gpu power readings/current power limit",
    "power readings/enforced power limit",
    "power readings/power limit",
    "gpu_power_readings/current_power_limit",
    "power_readings/enforced_power_limit",
)
DRAWS = (
    "gpu power readings/instantaneous power draw",
    "gpu power readings/average power draw",
    "gpu power readings/power draw",
    "power readings/power draw",
    "gpu_power_readings/instant_power_draw",
    "gpu_power_readings/average_power_draw",
    "gpu_power_readings/power_draw",
    "power_readings/power_draw",
)


def _gpu(facts: Facts) -> Gpu:
    busy = _number(facts, "utilization/gpu", "utilization/gpu_util")
    return Gpu(
        uuid=_first(facts, "gpu uuid", "uuid") or "unknown",
        model=_first(facts, "product name", "product_name"),
        utilisation_pct=fields.between(busy, 0, 100),
        memory_used_mib=_number(facts, "fb memory usage/used", "fb_memory_usage/used"),
        power_w=_watts(facts, *DRAWS),
        temperature_c=fields.celsius(_number(facts, "temperature/gpu current temp", "temperature/gpu_temp")),
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
            facts, path = dict(shared), []
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
    if colon:
        facts.setdefault("/".join([*(parent for _, parent in path[-1:]), key]), value.strip())
    elif len(path) < 12:
        path.append((depth, key))


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
            if path and path[-1] == name:
                path.pop()
            continue
        if name == "gpu" and facts is None:
            facts = dict(shared)
        elif found["text"].strip():
            parent = [path[-1]] if path and path[-1] not in ("gpu", "nvidia_smi_log") else []
            (shared if facts is None else facts).setdefault("/".join([*parent, name]), found["text"].strip())
        if len(path) < 40:
            path.append(name)


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
