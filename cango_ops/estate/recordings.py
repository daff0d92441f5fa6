"""Recorded answers of real machines as files: which machine speaks what, and which file answers which question.

One folder per machine (`family/machine`), one file per command; the stem is the command, with a prefix such as rpc_,
web_ or gql_ in some folders. Where a folder holds several machines' one answer (GPU exporters), each file is a machine.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

ANSWER_SUFFIXES: Final = (".json", ".txt", ".html")
PREFIXES: Final = ("rpc_", "web_", "gql_", "privileged_", "avalon_a_")
SUFFIXES: Final = ("_full", "_malformed")
SKIPPED: Final = ("manifest", "_parsed")
# Folders whose files are notes or parts of answers, not what a machine sends.
LIBRARY_FOLDERS: Final = ("luxos/api-catalogue", "avalon/Nano3s-25021401_56abae7", "gpu/nvidia-smi")
FEED_LANGUAGES: Final = ("mempool", "pool")
CGMINER, EXPORTER, VLLM, FEED, WEB, LENGTH_PREFIXED = 4028, 9400, 18000, 8080, 8081, 4433


class RecordedMachine(NamedTuple):
    """label: `family/machine` as the folders are named. files: the answers by file stem."""

    label: str
    language: str
    address: str
    port: int
    files: dict[str, Path]


# First pattern that fits the label decides: (pattern, language, port of the first contact).
LANGUAGES: Final = tuple(
    (re.compile(pattern), language, port)
    for pattern, language, port in (
        (r"antminer/", "antminer", CGMINER),
        (r"auradine/", "auradine", CGMINER),
        (r"avalon/", "avalon", CGMINER),
        (r"bitaxe/", "bitaxe", WEB),
        (r"braiins/.*-rest", "braiins", WEB),
        (r"braiins/(?!S9)", "braiins", WEB),
        (r"braiins/", "braiins", CGMINER),
        (r"elphapex/", "elphapex", WEB),
        (r"epic/", "epic", CGMINER),
        (r"gpu/dcgm", "dcgm", EXPORTER),
        (r"gpu/nvidia_gpu", "nvidia_gpu_exporter", EXPORTER),
        (r"gpu/vllm", "vllm", VLLM),
        (r"luxos/", "luxos", CGMINER),
        (r"network/", "mempool", FEED),
        (r"pools/", "pool", FEED),
        (r"proto/", "proto", WEB),
        (r"vnish/", "vnish", CGMINER),
        (r"volcminer/", "volcminer", CGMINER),
        (r"whatsminer/v3", "whatsminer_v3", LENGTH_PREFIXED),
        (r"whatsminer/", "whatsminer_v2", CGMINER),
        (r"other/", "cgminer", CGMINER),
    )
)


def recorded_machines(folder: Path) -> list[RecordedMachine]:
    """Every machine under `folder` in the order of its label, with an address of its own."""
    found: list[RecordedMachine] = []
    for family in sorted(path for path in folder.iterdir() if path.is_dir()):
        for machine in sorted(path for path in family.iterdir() if path.is_dir()):
            label = f"{family.name}/{machine.name}"
            if label not in LIBRARY_FOLDERS:
                for name, files in _answers(label, machine):
                    found.append(_machine(len(found), name, files))
    return found


def _answers(label: str, folder: Path) -> list[tuple[str, dict[str, Path]]]:
    files = {
        path.stem: path
        for path in sorted(folder.iterdir())
        if path.suffix in ANSWER_SUFFIXES and not any(word in path.name for word in SKIPPED)
    }
    if label.startswith("gpu/"):
        return [(f"{label}/{path.name}", {"metrics": path}) for path in files.values()]
    return [(label, files)] if files else []


def _machine(number: int, label: str, files: dict[str, Path]) -> RecordedMachine:
    address = f"127.8.{number // 250}.{number % 250 + 1}"
    for pattern, language, port in LANGUAGES:
        if pattern.match(label):
            return RecordedMachine(label, language, address, port, files)
    return RecordedMachine(label, "cgminer", address, CGMINER, files)


def stem_for(files: dict[str, Path], command: str) -> str | None:
    """The file that answers `command`: by its own name, behind one of the prefixes or before one of the suffixes, or
    by its name without `get_`."""
    names = [command, *(prefix + command for prefix in PREFIXES), *(command + suffix for suffix in SUFFIXES)]
    return next((name for name in (*names, command.removeprefix("get_")) if name in files), None)
