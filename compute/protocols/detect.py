"""Which language recorded answers speak: told by their content, else by the folder's name. Pure."""

from collections.abc import Mapping

from compute.protocols import miner_status

# Looked for in this order: a firmware's own mark comes before the family that it grew out of.
MARKS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("nvidia_smi", (b"NVSMI LOG", b"<nvidia_smi_log")),
    ("nvidia_gpu_exporter", (b"nvidia_smi_gpu_info", b"nvidia_smi_memory_used_bytes", b"nvidia_smi_utilization")),
    ("nvidia_smi", (b"utilization.gpu", b"memory.used [MiB]", b"power.draw [W]")),
    ("bitaxe", (b'"ASICModel"',)),
    ("proto", (b'"mining-status"', b'"hashboards-info"', b'"system-info"')),
    ("epic", (b'"HBStatus"', b'"umcOS"', b"PowerPlay-", b"epic-miner", b'"PerpetualTune"')),
    ("auradine", (b"GCMiner", b"FluxOS")),
    ("sealminer", (b"bdminer", b"BDMiner", b'"Sealminer"')),
    ("vnish", (b"nish ", b'"Vnish"', b"vnish", b"AnthillOS")),
    ("luxos", (b"LUXminer", b'"LuxOS"')),
    (
        "braiins",
        (b"BOSer", b"BOSminer", b"bosminer", b"bOS_", b"bos_version", b"braiins-am", b"approximated_consumption"),
    ),
    ("avalon", (b"MM ID0", b"GHSmm[", b'"AVALON', b'"Avalon')),
    ("whatsminer_v3", (b'"get.device.info"', b'"get.miner.status"')),
    (
        "whatsminer_v2",
        (b"btminer", b"whatsminer v", b'"HS RT"', b"WhatsMiner", b'"mineroff"', b'"Factory GHS"', b'"Fan Speed In"'),
    ),
    ("elphapex", (b'"fc-freq', b'"DG-Home', b'"DG1', b'"DG Home', b'"DG2')),
    ("volcminer", (b"VolcMiner", b"volcminer")),
    ("antminer", (b"Antminer", b"BMMiner", b"bmminer", b"BCFMiner", b"bitmain-", b"BTM_SOC", b'"Hammer ')),
)
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


def _exporter_of(whole: bytes) -> str | None:
    """DCGM and vLLM, alone or of one node."""
    dcgm, vllm = (
        b"DCGM_FI_" in whole or b"dcgm_gpu_temp{" in whole,
        b"vllm:" in whole or b"vllm_num_requests_running" in whole,
    )
    if dcgm and vllm:
        return "gpu_node"
    return "dcgm" if dcgm else "vllm" if vllm else None
