"""The machine models of catalog.toml, found by what a machine calls itself. Read once, when first imported.

An unknown model is None: nothing is guessed from a name that looks alike.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """One model. Zero fans: liquid cooled. None: not stated by the maker, or differs between variants."""

    vendor: str
    model: str
    kind: str  # "asic" or "gpu"
    power_w: float
    nameplate_ths: float | None = None
    efficiency_jth: float | None = None
    boards: int | None = None
    fans: int | None = None
    chips_per_board: int | None = None
    memory_mib: int | None = None
    max_chip_temperature_c: float | None = None


# "M60S_VK40", "M60SVK40" and "M30S+_VE40": the letters after the model name the chip variant.
_WHATSMINER = re.compile(r"(?:whatsminer)?(m[2-9]\ds?\+{0,2})(?:v[a-z]?\w{0,6})?")
# "1246", "A1466I", "AvalonMiner 1246-90": behind the model may stand a letter or the terahashes sold.
_AVALON_15 = re.compile(r"(?:avalon\s*(?:miner)?\s*)?a?15(?:-\d{3}t?)?", re.IGNORECASE)
_AVALON = re.compile(r"(?:avalon\s*(?:miner)?\s*)?a?(1\d{3})[a-z]{0,2}(?:-\d{1,3}t?)?", re.IGNORECASE)


# Some write their maker before the name that others give alone.
MAKERS = ("", "bitmain", "avalonminer")
_VERSION = re.compile(r"\s+v\.?\d+(?:\.\d+)+\s*$")


def _key(name: str) -> str:
    """The name without case, blanks, hyphens, dots, what stands in brackets and a version behind it ("S9 V1.3.58")."""
    plain = _VERSION.sub("", re.sub(r"\([^)]*\)?", "", name[:100]).lower())
    return re.sub(r"[\s\-_.]+", "", plain)


def _asic(vendor: str, name: str, row: list[Any]) -> Model:
    rate, efficiency, power, boards, fans, chips, warmest = row
    return Model(
        vendor=vendor,
        model=name,
        kind="asic",
        nameplate_ths=rate,
        efficiency_jth=efficiency,
        power_w=power,
        boards=boards,
        fans=fans,
        chips_per_board=chips or None,
        max_chip_temperature_c=warmest,
    )


def _gpu(vendor: str, name: str, row: list[Any]) -> Model:
    power, memory, warmest = row
    return Model(
        vendor=vendor, model=name, kind="gpu", power_w=power, memory_mib=memory, max_chip_temperature_c=warmest
    )


def _load() -> tuple[dict[str, Model], dict[str, Model]]:
    """Models by name, and by key with the aliases."""
    data = tomllib.loads(Path(__file__).with_name("catalog.toml").read_text("utf-8"))
    by_name = {
        name: make(vendor, name, row)
        for kind, make in (("asic", _asic), ("gpu", _gpu))
        for vendor, rows in data[kind].items()
        for name, row in rows.items()
    }
    by_key = {_key(name): model for name, model in by_name.items()}
    by_key |= {_key(alias): by_name[name] for alias, name in data["aliases"].items()}
    return by_name, by_key


MODELS, _BY_KEY = _load()


@lru_cache(maxsize=2048)
def find(reported: str) -> Model | None:
    """The model that a machine means by `reported`, or None."""
    key = _key(reported)
    found = next((model for maker in MAKERS if (model := _BY_KEY.get(key.removeprefix(maker)))), None)
    if found is None and (match := _WHATSMINER.fullmatch(key)):
        found = _BY_KEY.get("whatsminer" + match[1])
    if found is None and (match := _AVALON.fullmatch(reported[:100].strip())):
        found = _BY_KEY.get("avalona" + match[1])
    if found is None and _AVALON_15.fullmatch(reported[:100].strip()):
        found = _BY_KEY["avalona1566"]
    return found
