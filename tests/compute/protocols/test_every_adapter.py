"""What holds for every language, whatever a machine answers."""

import json
import random
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cango_ops.frames import frame_of
from cango_ops.wire import Garbled, NoAnswer
from compute.protocols import ADAPTERS
from compute.protocols.detect import language_of
from compute.protocols.reading import Reading
from compute.protocols.recordings import recorded
from compute.protocols.replay import replay
from tests.compute.protocols.mutations import mutate
from tests.compute.protocols.test_captures import FOLDERS, GPU_FILES
from tests.compute.protocols.worlds import Machine, answer, needs_captures

LANGUAGES = sorted(ADAPTERS)
TALKS = ("poll", "inspect")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def read_or_refuse(talk, answers: dict[str, bytes]) -> Reading | None:
    """The reading, or None where the machine gave nothing; any other error is a failure of the language."""
    try:
        reading = replay(talk, answers)
    except (Garbled, NoAnswer):
        return None
    assert_holds(reading)
    return reading


def assert_holds(reading: Reading) -> None:
    """The invariants of a reading; that it is its own type all through is seen by writing and reading it back."""
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading, strict=True) == reading
    for rate in (reading.hashrate_ths, reading.expected_hashrate_ths, *(b.hashrate_ths for b in reading.boards or [])):
        assert rate is None or 0 <= rate <= 20_000
    for power in (reading.power_w, reading.power_limit_w):
        assert power is None or 0 <= power <= 1_000_000
    assert all(gpu.utilisation_pct is None or 0 <= gpu.utilisation_pct <= 100 for gpu in reading.gpus or [])
    assert reading.quality in ("ok", "partial", "unknown model")
    assert len(reading.boards or []) <= 64
    assert len(reading.pools or []) <= 256
    assert len(reading.notes) <= 64


class Always(dict[str, bytes]):
    """One answer to every question."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self.raw = raw

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> bytes:
        return self.raw


class Once(dict[str, bytes]):
    """One answer to the first question only: what one answer costs is measured."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self.raw: bytes | None = raw

    def __contains__(self, name: object) -> bool:
        return self.raw is not None

    def __getitem__(self, name: str) -> bytes:
        raw, self.raw = self.raw, None
        assert raw is not None
        return raw


@every_language
def test_a_language_is_filed_under_its_own_name(language):
    assert ADAPTERS[language].name == language
    assert 0 <= ADAPTERS[language].port <= 65535


@every_language
@pytest.mark.parametrize("talk", TALKS)
def test_every_question_has_a_frame_and_bytes_to_send(language, talk):
    machine = Machine({}, otherwise="closed")

    with pytest.raises((NoAnswer, Garbled)):
        machine.talk(getattr(ADAPTERS[language], talk)())

    assert 1 <= len(machine.asked) <= 24
    for ask in machine.asked:
        frame_of(ask)
        assert ask.payload or language == "nvidia_smi"


@every_language
@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"3",
        b"{",
        b"<html></html>",
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"STATS":NaN}',
        b'{"SUMMARY":[{"MHS av":1e400}]}',
        b'{"SUMMARY":[{"MHS av":' + b"9" * 5000 + b"}]}",
        answer("STATS"),
        answer("SUMMARY", letter="E"),
        b'{"STATUS":"E","Code":14,"Msg":"invalid cmd"}',
        b"STATUS=E,When=1,Code=14,Msg=Invalid command|",
        b'{"code":-1,"msg":"invalid","when":1}',
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_an_answer_that_says_nothing_gives_no_numbers(language, talk, raw):
    reading = read_or_refuse(getattr(ADAPTERS[language], talk)(), Always(raw))

    assert reading is None or (reading.hashrate_ths, reading.power_w, reading.gpus) == (None, None, None)


HOSTILE = {
    "quotes that never end": b'{"' + b'\\"' * 120_000,
    "strings and gaps": b'["' + b'", "' * 60_000,
    "an endless error list": b'{"error_code":[' + b'"1":"[",' * 25_000,
    "commas": b"{" + b"," * 200_000,
    "objects without commas": b'{"STATS":[' + b"{}" * 100_000,
    "a number of digits": b'{"Elapsed":' + b"9" * 200_000 + b"}",
    "keys without values": b'{"a"' * 50_000,
    "labels": b"DCGM_FI_DEV_GPU_TEMP{" + b'a="b",' * 30_000 + b"} 1\n",
    "a torn label": b'DCGM_FI_DEV_GPU_TEMP{a="' + b'\\"' * 100_000,
    "lines": b"vllm:num_requests_running 1\n" * 8_000,
    "sections": b"STATUS=S|" * 25_000,
    "facts": b'{"STATS":[{"MM ID0":"' + b"A[1] " * 40_000 + b'"}]}',
    "tags": b"<nvidia_smi_log><gpu>" + b"<a b" * 50_000,
    "headings": b"NVSMI LOG\nGPU 00000000:00:00.0\n" + b" a\n  b\n" * 30_000,
}


# One language for each way of parsing.
@pytest.mark.parametrize("language", ["cgminer", "avalon", "whatsminer_v3", "dcgm", "vllm", "nvidia_smi"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_costs_little_time(language, name):
    began = time.process_time()

    read_or_refuse(ADAPTERS[language].inspect(), Once(HOSTILE[name]))

    assert time.process_time() - began < 2


@every_language
@given(raw=st.binary(max_size=120))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_noise_gives_garbled_or_a_reading(language, raw):
    for talk in TALKS:
        read_or_refuse(getattr(ADAPTERS[language], talk)(), Always(raw))


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["STATUS", "STATS", "SUMMARY", "DEVS", "POOLS", "Msg", "msg", "code", "data", "miner", "summary", "GHS 5s", "fans",
     "chain", "HBs", "mining-status", "ASICModel", "hashRate", "MM ID0", "miner_stats", "pools", "edevs", "error-code"]
)  # fmt: skip
trees = st.recursive(
    odd, lambda inner: st.dictionaries(keys, inner | st.lists(inner, max_size=2), max_size=4), max_leaves=10
)


@every_language
@given(tree=trees)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_known_names_over_odd_values_give_garbled_or_a_reading(language, tree):
    raw = json.dumps(tree).encode("utf-8", "replace")
    for talk in TALKS:
        read_or_refuse(getattr(ADAPTERS[language], talk)(), Always(raw))


@needs_captures
@pytest.mark.parametrize("place", [*FOLDERS, *GPU_FILES], ids=lambda place: f"{place.parent.name}/{place.name[:30]}")
def test_mutated_recordings_give_garbled_or_a_reading(place):
    answers = recorded(place)
    mutate_and_read(place, rounds=200 if sum(map(len, answers.values())) < 60_000 else 10)


@pytest.mark.long
@needs_captures
@pytest.mark.parametrize("place", [*FOLDERS, *GPU_FILES], ids=lambda place: f"{place.parent.name}/{place.name[:30]}")
def test_ten_thousand_mutations_of_a_recording_give_garbled_or_a_reading(place):
    mutate_and_read(place, rounds=10_000)


def mutate_and_read(place: Path, rounds: int) -> None:
    answers = recorded(place)
    adapter = ADAPTERS[language_of(answers, str(place))]
    draw = random.Random(place.name)
    for _ in range(rounds):
        name = draw.choice(list(answers))
        changed = answers | {name: mutate(answers[name], draw)}
        for talk in TALKS:
            read_or_refuse(getattr(adapter, talk)(), changed)
