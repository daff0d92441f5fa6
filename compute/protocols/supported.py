"""The page of recorded machines: each decoded, with what was read of it. Pure but for reading the recordings."""

from pathlib import Path

from cango_ops.wire import Garbled
from compute.protocols.reading import Reading
from compute.protocols.replay import decode

# Recordings of other things than machines.
OTHERS = ("pools", "network")
FILES_ARE_MACHINES = "gpu"
COLUMNS = (
    *("recording", "language", "model", "firmware", "TH/s", "expected", "W", "limit W", "boards", "fans", "pools"),
    *("faults", "GPUs", "quality"),
)
HEAD = f"""# Machines that were read

Written by `make supported` from recorded answers; how each language is asked stands in [protocols.md](protocols.md).
"expected" is what the machine says it should do. An empty place: the recording does not say it.

| {" | ".join(COLUMNS)} |
{"|---" * len(COLUMNS)}|
"""


def places(captures: Path) -> list[Path]:
    """One path per recorded machine: a folder, or a file where one file is one machine."""
    groups = sorted(group for group in captures.iterdir() if group.is_dir() and group.name not in OTHERS)
    found: list[Path] = []
    for group in groups:
        folders = sorted(folder for folder in group.iterdir() if folder.is_dir())
        if group.name == FILES_ARE_MACHINES:
            found += [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
        else:
            found += folders
    return found


def page(captures: Path, found: list[Path]) -> str:
    """The whole page in Markdown."""
    return HEAD + "".join(row(str(place.relative_to(captures)), place) for place in found)


def row(name: str, place: Path) -> str:
    """One line of the table; what cannot be read says why."""
    try:
        language, reading = decode(place)
    except Garbled as why:
        return f"| {name} | - | {_plain(str(why))} |" + " |" * 11 + "\n"
    return "| " + " | ".join([name, language, *cells(reading)]) + " |\n"


def cells(reading: Reading) -> list[str]:
    """What was read, as text; empty for what was not said."""
    return [
        _plain(reading.model),
        _plain(reading.firmware),
        _number(reading.hashrate_ths),
        _number(reading.expected_hashrate_ths),
        _number(reading.power_w),
        _number(reading.power_limit_w),
        _size(reading.boards),
        _size(reading.fans_rpm),
        _size(reading.pools),
        _size(reading.errors),
        _size(reading.gpus),
        reading.quality,
    ]


def _plain(said: str | None) -> str:
    return (said or "").replace("|", "/").replace("\n", " ")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"


def _size(values: object) -> str:
    return str(len(values)) if isinstance(values, list) else ""
