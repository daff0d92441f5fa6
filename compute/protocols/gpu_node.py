"""One node of GPUs: dcgm-exporter on TCP 9400 and vLLM on 8000 of the same address, as one reading.

A node without vLLM, or with one that does not answer, is still read: only what it serves is then unknown.
"""

from typing import ClassVar

from compute.protocols import dcgm, vllm
from compute.protocols.reading import Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.vllm import Serving


class GpuNode:
    """Two connections per sweep. vllm_port: where the inference server listens."""

    name: ClassVar[str] = "gpu_node"
    port: ClassVar[int] = dcgm.Dcgm.port

    def __init__(self, vllm_port: int = vllm.Vllm.port) -> None:
        self.vllm_port = vllm_port

    def poll(self) -> ReadingTalk:
        talk = Talk()
        node = yield from talk.ask(dcgm.ask_metrics(), dcgm.parse)
        serving = yield from talk.ask(vllm.ask_metrics(self.vllm_port), vllm.parse, optional=True)
        return talk.finish(joined(node, serving))

    def inspect(self) -> ReadingTalk:
        return self.poll()


def joined(node: Reading | None, serving: Serving | None) -> Reading:
    """GPUs from the one, requests and tokens from the other. What serves tells the state, and idle GPUs do not."""
    reading = node or Reading(quality="partial")
    if serving is not None:
        reading.requests_running = serving.requests_running
        reading.tokens_total = serving.tokens_total
        reading.notes = reading.notes + vllm.notes_of(serving)
        told = vllm.state_of(serving)
        if told is not State.UNKNOWN:
            reading.state = told
    return reading
