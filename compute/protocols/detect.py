"""Which language recorded answers speak: told by their content, else by the folder's name. Pure."""

import re
from collections.abc import Mapping

from cango_ops.wire import Garbled
from compute.protocols import miner_status
from compute.protocols.mending import read_json

# Looked for in this order: a firmware's own mark comes before the family that it grew out of.
MARKS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("nvidia_smi", (b"NVSMI LOG", b"<nvidia_smi_log")),
    (
        "nvidia_gpu_exporter",
        (
            b"nvidia_smi_gpu_info",
            b"nvidia_smi_memory_used_bytes",
            b"nvidia_smi_utilization",
            b"nvidia_smi_last_collect_success",
        ),
    ),
    ("nvidia_smi", (b"utilization.gpu", b"memory.used [MiB]", b"power.draw [W]")),
    ("bitaxe", (b'"ASICModel"',)),
    ("proto", (b'"mining-status"', b'"hashboards-info"', b'"system-info"')),
    ("epic", (b'"HBStatus"', b'"umcOS"', b"PowerPlay-", b"epic-miner", b'"PerpetualTune"')),
    ("auradine", (b"GCMiner", b"FluxOS")),
    ("sealminer", (b"bdminer", b"BDMiner", b'"Sealminer"')),
    ("vnish", (b"nish ", b'"Vnish"', b"vnish", b"AnthillOS", b'"hr_realtime"')),
    ("luxos", (b"LUXminer", b'"LuxOS"')),
    (
        "braiins",
        (b"BOSer", b"BOSminer", b"bosminer", b"bOS_", b"bos_version", b"braiins-am", b"approximated_consumption"),
    ),
    ("avalon", (b"MM ID0", b"GHSmm[", b'"AVALON', b'"Avalon')),
    ("whatsminer_v3", (b'"get.device.info"', b'"get.miner.status"', b'"hash-realtime"')),
    (
        "whatsminer_v2",
        (b"btminer", b"whatsminer v", b'"HS RT"', b"WhatsMiner", b'"mineroff"', b'"Factory GHS"', b'"Fan Speed In"'),
    ),
    ("elphapex", (b'"fc-freq', b'"DG-Home', b'"DG1', b'"DG Home', b'"DG2')),
    ("volcminer", (b"VolcMiner", b"volcminer")),
    ("antminer", (b"Antminer", b"BMMiner", b"bmminer", b"BCFMiner", b"bitmain-", b"BTM_SOC", b'"Hammer ')),
)
GPU = frozenset(("nvidia_smi", "nvidia_gpu_exporter"))
NAMES: tuple[tuple[str, str], ...] = (
    ("nvidia-smi", "nvidia_smi"),
    ("nvidia_gpu_exporter", "nvidia_gpu_exporter"),
    ("dcgm", "dcgm"),
    ("vllm", "vllm"),
    ("v3", "whatsminer_v3"),
    ("whatsminer", "whatsminer_v2"),
    ("braiins", "braiins"),
    ("luxos", "luxos"),
    ("vnish", "vnish"),
    ("avalon", "avalon"),
    ("auradine", "auradine"),
    ("elphapex", "elphapex"),
    ("volcminer", "volcminer"),
    ("sealminer", "sealminer"),
    ("hammer", "antminer"),
    ("mskminer", "antminer"),
    ("bitaxe", "bitaxe"),
    ("proto", "proto"),
    ("epic", "epic"),
    ("antminer", "antminer"),
)
# Blackminer and others write in the shape of an Antminer.
SHAPE = (miner_status.MARK, b'"chain_acn1"', b'"chain_rate1"')
READ_FAR = 1 << 19
METRIC = re.compile(
    rb"^([A-Za-z_:][\w:]{0,80})(?:\{[^\n]{0,2000}\})? [+-]?(?:\d[\d.eE+-]{0,30}|Inf|NaN)\b", re.MULTILINE
)
NO_SMI = re.compile(rb"^nvidia_smi_last_collect_success 0(?:\.0)?\s*$", re.MULTILINE)
PAGE = re.compile(rb"<(?:!doctype html|\?xml[^>]{0,200}>\s*<!doctype html|html)", re.IGNORECASE)


def language_of(answers: Mapping[str, bytes], hint: str = "") -> str:
    """The language's name; the generic "cgminer" where nothing tells."""
    whole = b"\n".join(answer[:READ_FAR] for answer in answers.values())
    gpu = _exporter_of(whole)
    if gpu:
        return gpu
    for language, marks in MARKS:
        if any(mark in whole for mark in marks):
            return language
    if any(name.startswith("gql_") for name in answers):
        return "braiins"
    told = next((language for word, language in NAMES if word in hint.lower()), "cgminer")
    return "antminer" if told == "cgminer" and any(mark in whole for mark in SHAPE) else told


def miner_of(answers: Mapping[str, bytes]) -> str | None:
    """The language of a miner among the answers, whatever else is there; None where no mark tells."""
    whole = b"\n".join(answer[:READ_FAR] for answer in answers.values())
    return next((name for name, marks in MARKS if name not in GPU and any(mark in whole for mark in marks)), None)


def stranger(answers: Mapping[str, bytes]) -> str | None:
    """What the answers are that no language here reads, in words; None where nothing tells."""
    whole = b"\n".join(answer[:READ_FAR] for answer in answers.values()).strip(b"\x00 \r\n\t")
    if not whole:
        return "the recording is empty"
    if NO_SMI.search(whole):
        return "nvidia_gpu_exporter answers, but nvidia-smi fails on its node"
    metrics = dict.fromkeys(name.decode() for name in METRIC.findall(whole))
    if metrics:
        return f"metrics of an exporter that is not known here: {', '.join(list(metrics)[:3])}"
    if PAGE.match(whole):
        return "a web page, no answer of a machine"
    return next((f"{name}: {why}" for name, answer in answers.items() if (why := _defect(answer))), None)


def _defect(answer: bytes) -> str | None:
    """Why what begins like JSON could not be read."""
    if answer.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        read_json(answer)
    except Garbled as why:
        return str(why)
    return None


def _exporter_of(whole: bytes) -> str | None:
    """DCGM and vLLM, alone or of one node."""
    dcgm, vllm = (
        b"DCGM_FI_" in whole or b"dcgm_gpu_temp{" in whole,
        b"vllm:" in whole or b"vllm_num_requests_running" in whole,
    )
    if dcgm and vllm:
        return "gpu_node"
    return "dcgm" if dcgm else "vllm" if vllm else None
