"""Recorded answers in place of a machine, whatever files they came in (recordings.py).

A question named `stats` is answered from stats.json, rpc_stats.json or stats.txt; what is not there was not recorded.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from cango_ops.wire import Ask, Conversation, Framing, Garbled, NoAnswer, T
from compute.protocols import ADAPTERS, Adapter, leftovers
from compute.protocols.detect import language_of, miner_of, stranger
from compute.protocols.reading import Reading
from compute.protocols.recordings import recorded

PREFIXES = {
    Framing.CLOSE: ("", "rpc_"),
    Framing.LENGTH_LE32: ("",),
    Framing.HTTP: ("", "web_", "get_"),
    Framing.MODBUS: ("",),
}
MAX_GUESSED_FILES = 16
OTHER_WIRE = ("web_", "gql_", "privileged_")
# Exporters' answers are known by their content whatever the file's name.
MARKS = {
    "dcgm_metrics": (b"DCGM_FI_", b"dcgm_gpu_temp{"),
    "vllm_metrics": (b"vllm:", b"vllm_num_requests_running"),
    "smi_metrics": (b"nvidia_smi_",),
}


def find_answer(ask: Ask, answers: Mapping[str, bytes]) -> bytes:
    """The recorded answer to `ask`. Raises NoAnswer("not_recorded")."""
    for prefix in PREFIXES[ask.framing]:
        if prefix + ask.name in answers:
            return answers[prefix + ask.name]
    plain = ask.name.removeprefix("web_")
    if ask.framing is Framing.HTTP and plain in answers:
        return answers[plain]
    # Collectors of answers add words before or behind: avalon_a_stats, stats_MM_ID0, system_info for get_system_info.
    like = [
        name
        for name in answers
        if (name.endswith("_" + ask.name) or name.startswith(ask.name + "_") or "get_" + name == ask.name)
        and not name.endswith("_parsed")
        and not (ask.framing is Framing.CLOSE and name.startswith(OTHER_WIRE))
    ]
    if not like and ask.name in MARKS:
        like = [name for name, answer in answers.items() if any(mark in answer for mark in MARKS[ask.name])]
    if len(like) == 1:
        return answers[like[0]]
    raise NoAnswer("not_recorded")


def replay(talk: Conversation[T], answers: Mapping[str, bytes]) -> T:
    """What the conversation learns from the recorded answers. Raises what the conversation raises."""
    try:
        ask = next(talk)
        while True:
            try:
                answer = find_answer(ask, answers)
            except NoAnswer as gap:
                ask = talk.throw(gap)
            else:
                ask = talk.send(answer)
    except StopIteration as end:
        learnt: T = end.value
        return learnt


def decode(path: Path, language: str | None = None) -> tuple[str, Reading]:
    """The language (told or found) and the reading of what was recorded at `path`. Raises Garbled."""
    answers = recorded(path)
    name = language or language_of(answers, hint="/".join(path.resolve().parts[-3:]))
    if name not in ADAPTERS:
        raise Garbled(f"no language {name}; there are {', '.join(sorted(ADAPTERS))}")
    failure: Exception = Garbled(f"nothing that {name} asks was recorded")
    reading: Reading | None = None
    try:
        reading = replay(ADAPTERS[name].inspect(), answers)
    except NoAnswer:
        reading = _best(ADAPTERS[name], answers)
    except Garbled as why:
        failure = why
    reading = leftovers.added(reading, answers)
    if reading is None:
        strange = None if language else stranger(answers)
        raise Garbled(strange) if strange else failure
    if not _fullness(reading):
        reading.notes = ["no field of the answers is known here", *reading.notes]
        reading.quality = "partial" if reading.quality == "ok" else reading.quality
    if reading.gpus is not None and (other := miner_of(answers)):
        reading.notes = [*reading.notes, f"answers of a miner were recorded here too ({other}), and are not read"]
    return name, reading


def _best(adapter: Adapter, answers: Mapping[str, bytes]) -> Reading | None:
    """The fullest reading when one file, of whatever name, stands for one command; None where there is none."""
    tried = [
        (reading, name)
        for name, answer in list(answers.items())[:MAX_GUESSED_FILES]
        for command in _commands(adapter)
        if (reading := _try(adapter, {command: answer})) is not None
    ]
    if not tried:
        return None
    reading, name = max(tried, key=lambda found: _fullness(found[0]))
    if len(answers) > 1:
        reading.notes = [f"of several recordings here {name} was read", *reading.notes]
    return reading


def _commands(adapter: Adapter) -> list[str]:
    """The names of all that the language asks of a machine that answers nothing."""
    talk, names = adapter.inspect(), []
    try:
        ask = next(talk)
        while True:
            names.append(ask.name)
            ask = talk.throw(NoAnswer("not_recorded"))
    except (StopIteration, NoAnswer):
        return names


def _try(adapter: Adapter, answers: Mapping[str, bytes]) -> Reading | None:
    try:
        return replay(adapter.inspect(), answers)
    except (NoAnswer, Garbled):
        return None


def _fullness(reading: Reading) -> int:
    """How many fields the machine filled."""
    return sum(bool(getattr(reading, name)) for name in FILLABLE)


FILLABLE = tuple(name for name in Reading.__struct_fields__ if name not in ("vendor", "state", "quality", "notes"))


def as_json(reading: Reading) -> bytes:
    """The reading as one JSON object, null for what the machine did not say. What a change of unit leaves behind the
    twelfth digit is nobody's measurement: 50.29183, not 50.291830000000004."""
    return msgspec.json.format(msgspec.json.encode(_rounded(msgspec.to_builtins(reading))), indent=2)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
