"""Asks an address who is there, and believes it only if a language's own inspection makes sense of the answers. Pure.

A smart lamp, a printer, a camera, an SSH banner or a port that echoes is no machine. Nobody is signed in to: a login is
for machines of the map, not for whoever answers.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from cango_ops.wire import Conversation, Garbled, NoAnswer
from compute.protocols import ADAPTERS, cgminer, detect
from compute.protocols.reading import Reading, State
from compute.protocols.talk import DEAD

# Languages that answer {"command": ...}: three of its answers tell which one it is.
RPC: Final = frozenset(
    {"antminer", "auradine", "avalon", "braiins", "cgminer", "luxos", "vnish", "volcminer", "whatsminer_v2"}
)
QUESTIONS: Final = ("version", "stats", "summary")
# Languages of one and the same machine at its different ports, the best one first.
SIDES: Final = (("gpu_node", "dcgm", "vllm", "nvidia_gpu_exporter"), ("whatsminer_v3", "whatsminer_v2"))


class Seen(msgspec.Struct, frozen=True):
    """Who answered at an address, or why what answered is nobody that we know."""

    address: str
    port: int
    language: str = ""
    model: str = ""
    mac: str = ""
    serial: str = ""
    firmware: str = ""
    refused: str = ""


def spoken_at(ports_of_map: Iterable[tuple[int, str]], moved_ports: Mapping[int, int]) -> dict[int, frozenset[str]]:
    """The languages to try at each port: those of the map there, and those whose own port it is."""
    found: dict[int, set[str]] = {}
    for name, adapter in ADAPTERS.items():
        if adapter.port:
            found.setdefault(moved_ports.get(adapter.port, adapter.port), set()).add(name)
    for port, language in ports_of_map:
        if language in ADAPTERS:
            found.setdefault(port, set()).add(language)
    return {port: frozenset(languages) for port, languages in found.items()}


def who(address: str, port: int, languages: frozenset[str]) -> Conversation[Seen]:
    """Raises NoAnswer where nobody takes the connection, Garbled where nothing of what is said makes sense."""
    said: Exception = Garbled("nothing that a machine says")
    found = (yield from _rpc_language()) if languages & RPC else None
    if found is not None and found in ADAPTERS:
        candidates = [found]
    else:
        candidates = [name for name in ADAPTERS if name in languages - RPC]
    for language in candidates:
        try:
            reading = yield from ADAPTERS[language].inspect()
        except (NoAnswer, Garbled) as why:
            if isinstance(why, NoAnswer) and why.reason in DEAD:
                raise
            said = why
            continue
        if is_machine(reading):
            return seen(address, port, language, reading)
    raise said


def _rpc_language() -> Conversation[str | None]:
    """What {"command": ...} is answered with tells the language; None where it is not answered like that."""
    answers: dict[str, bytes] = {}
    for command in QUESTIONS:
        try:
            raw = yield cgminer.ask(command)
            cgminer.parse_reply(raw)
        except NoAnswer as why:
            if not answers and why.reason in DEAD:
                raise
        except Garbled:
            continue
        else:
            answers[command] = raw
    return detect.language_of(answers) if answers else None


def is_machine(reading: Reading) -> bool:
    """It says what it is, and at least one thing that it does."""
    named = reading.model or reading.mac or reading.serial or reading.gpus
    does = (reading.hashrate_ths, reading.power_w, reading.uptime_s, reading.tokens_total)
    works = any(value is not None for value in does) or reading.boards or reading.gpus
    return bool(named and works) or (reading.state == State.SERVING and reading.tokens_total is not None)


def seen(address: str, port: int, language: str, reading: Reading) -> Seen:
    if language == "gpu_node" and reading.tokens_total is None and reading.requests_running is None:
        language = "dcgm"
    return Seen(
        address, port, language, reading.model or "", reading.mac or "", reading.serial or "", reading.firmware or ""
    )


def one_a_machine(everybody: Iterable[Seen], on_map: frozenset[tuple[str, int]]) -> list[Seen]:
    """Without the other sides of a machine that answers at several ports; the side on the map stays."""
    kept: dict[tuple[str, object], Seen] = {}
    for one in everybody:
        family = next((names for names in SIDES if one.language in names), None)
        key = (one.address, family or one.port)
        before = kept.get(key)
        if before is None or rank(one, on_map) < rank(before, on_map):
            kept[key] = one
    return list(kept.values())


def rank(one: Seen, on_map: frozenset[tuple[str, int]]) -> tuple[bool, int]:
    places = [names.index(one.language) for names in SIDES if one.language in names]
    return (one.address, one.port) not in on_map, places[0] if places else 0


def kin(one: str, other: str) -> bool:
    """Whether both languages may be spoken by one and the same machine."""
    return one == other or any(one in names and other in names for names in SIDES)
