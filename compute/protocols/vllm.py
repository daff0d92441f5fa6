"""vLLM's own metrics on TCP 8000, GET /metrics: what an inference server does, summed over engines.

Names change: gpu_cache_usage_perc became kv_cache_usage_perc, time_per_output_token became inter_token_latency.
Counters start at 0 with the process. Sleep mode says engine_sleep_state{sleep_state="awake"} 1, weights_offloaded or
discard_all. Source: vLLM docs/usage/metrics.md and v1/metrics/loggers.py.
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing
from compute.protocols import fields
from compute.protocols.prometheus import Labels, Sample, samples
from compute.protocols.reading import Reading, ReadingTalk, State
from compute.protocols.talk import Talk

RUNNING, WAITING = "vllm:num_requests_running", "vllm:num_requests_waiting"
PROMPT = ("vllm:prompt_tokens_total", "vllm:prompt_tokens")
GENERATED = ("vllm:generation_tokens_total", "vllm:generation_tokens")
CACHE = ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc")
SLEEP = "vllm:engine_sleep_state"
STARTED = "process_start_time_seconds"
NAMES = (RUNNING, WAITING, *PROMPT, *GENERATED, *CACHE, SLEEP)
# Ray Serve puts "ray_" in front, and some collectors take no colon.
OTHER_NAMES = {
    other: name for name in NAMES for other in ("ray_" + name, "ray_" + name.replace(":", "_"), name.replace(":", "_"))
}
WANTED = frozenset((*NAMES, *OTHER_NAMES, STARTED))


class Serving(msgspec.Struct, kw_only=True):
    """What the inference server of a node does. cache_used: 1 is full; a machine has said 4.2."""

    model: str | None = None
    engines: int = 0
    requests_running: float | None = None
    requests_waiting: float | None = None
    tokens_total: float | None = None
    cache_used: float | None = None
    asleep: bool | None = None


def ask_metrics(port: int | None = None) -> Ask:
    return Ask("vllm_metrics", http_get("/metrics"), Framing.HTTP, port=port, limit_bytes=4 << 20)


def parse(raw: bytes) -> Serving:
    """What the server does. Raises Garbled where there are no metrics."""
    found = _each_once(samples(raw, WANTED))
    prompt, generated = _sum_of_either(found, PROMPT), _sum_of_either(found, GENERATED)
    return Serving(
        model=next((fields.text(labels["model_name"]) for _, labels, _ in found if "model_name" in labels), None),
        engines=len({engine_of(labels) for name, labels, _ in found if name == RUNNING}),
        requests_running=_sum(found, RUNNING),
        requests_waiting=_sum(found, WAITING),
        tokens_total=fields.total([prompt, generated]),
        cache_used=fields.highest([value for name, _, value in found if name in CACHE]),
        asleep=_asleep(found),
    )


def _each_once(found: Iterable[Sample]) -> list[Sample]:
    """The samples by vLLM's own names; of a series that is there twice the last one, so that no sum counts it twice."""
    last = {(name, id(labels)): (OTHER_NAMES.get(name, name), labels, value) for name, labels, value in found}
    return list(last.values())


def engine_of(labels: Labels) -> tuple[str, str]:
    """An engine; under Ray those of each worker count from 0."""
    return labels.get("WorkerId", ""), labels.get("engine", "0")


def _sum(found: Iterable[Sample], name: str) -> float | None:
    return fields.total([value for metric, _, value in found if metric == name and value >= 0])


def _sum_of_either(found: list[Sample], names: tuple[str, ...]) -> float | None:
    """The sum under the first name that is there: both may be, and are the same then."""
    sums = (_sum(found, name) for name in names)
    return next((value for value in sums if value is not None), None)


def _asleep(found: list[Sample]) -> bool | None:
    """Whether every engine that says so sleeps."""
    awake = [labels.get("sleep_state") == "awake" for name, labels, value in found if name == SLEEP and value == 1]
    return not any(awake) if awake else None


def reading_of(serving: Serving) -> Reading:
    """The reading of the server alone."""
    return Reading(
        state=state_of(serving),
        requests_running=serving.requests_running,
        tokens_total=serving.tokens_total,
        notes=notes_of(serving),
    )


def state_of(serving: Serving) -> State:
    if serving.asleep:
        return State.SLEEPING
    if serving.requests_running is None:
        return State.UNKNOWN
    return State.SERVING if serving.requests_running > 0 else State.IDLE


def notes_of(serving: Serving) -> list[str]:
    notes = [f"serves {serving.model}"] if serving.model else []
    if serving.engines > 1:
        notes.append(f"{serving.engines} engines, summed")
    if serving.cache_used is not None and serving.cache_used > 1:
        notes.append(f"KV cache use of {serving.cache_used:g} is more than full")
    return notes


class Vllm:
    """An inference server without its GPUs."""

    name: ClassVar[str] = "vllm"
    port: ClassVar[int] = 8000

    def poll(self) -> ReadingTalk:
        talk = Talk()
        serving = yield from talk.ask(ask_metrics(), parse)
        return talk.finish(reading_of(serving) if serving else Reading())

    def inspect(self) -> ReadingTalk:
        return self.poll()
