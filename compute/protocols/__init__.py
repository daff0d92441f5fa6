"""The languages of the machines.

A new one is a file here, a line in ADAPTERS, and recorded answers in the tests.
"""

from collections.abc import Callable
from typing import ClassVar, Protocol

from compute.protocols.antminer import Antminer
from compute.protocols.auradine import Auradine
from compute.protocols.avalon import Avalon
from compute.protocols.bitaxe import Bitaxe
from compute.protocols.braiins import Braiins
from compute.protocols.dcgm import Dcgm
from compute.protocols.elphapex import Elphapex
from compute.protocols.epic import Epic
from compute.protocols.gpu_node import GpuNode
from compute.protocols.luxos import Luxos
from compute.protocols.nvidia_gpu_exporter import NvidiaGpuExporter
from compute.protocols.nvidia_smi import NvidiaSmi
from compute.protocols.proto import ProtoRig
from compute.protocols.reading import ReadingTalk
from compute.protocols.relatives import Cgminer
from compute.protocols.sealminer import Sealminer
from compute.protocols.signing import Login
from compute.protocols.vllm import Vllm
from compute.protocols.vnish import Vnish
from compute.protocols.volcminer import Volcminer
from compute.protocols.whatsminer_v2 import Whatsminer
from compute.protocols.whatsminer_v3 import WhatsminerV3


class Adapter(Protocol):
    """What a driver needs of a language. poll: what changes, over as few connections as the machine allows.
    inspect: all that it can say."""

    name: ClassVar[str]
    port: ClassVar[int]

    def poll(self) -> ReadingTalk: ...

    def inspect(self) -> ReadingTalk: ...


_LANGUAGES: tuple[Adapter, ...] = (
    Antminer(),
    Braiins(),
    Luxos(),
    Vnish(),
    Epic(),
    Whatsminer(),
    WhatsminerV3(),
    Avalon(),
    Auradine(),
    Sealminer(),
    ProtoRig(),
    Bitaxe(),
    Elphapex(),
    Volcminer(),
    Cgminer(),
    Dcgm(),
    NvidiaGpuExporter(),
    NvidiaSmi(),
    Vllm(),
    GpuNode(),
)
ADAPTERS: dict[str, Adapter] = {adapter.name: adapter for adapter in _LANGUAGES}


def signed(language: str, login: Login | None) -> Adapter:
    """The language with a machine's sign-in, where it has use for one."""
    if login is not None and language in WITH_LOGIN:
        return WITH_LOGIN[language](login)
    return ADAPTERS[language]


# Languages that say more to those who sign in.
WITH_LOGIN: dict[str, Callable[[Login], Adapter]] = {"antminer": Antminer, "braiins": Braiins, "elphapex": Elphapex}
# Languages whose machines know a sign-in at all, be it for commands alone.
KNOW_A_LOGIN = frozenset(
    {*WITH_LOGIN, "auradine", "epic", "luxos", "proto", "vnish", "volcminer", "whatsminer_v2", "whatsminer_v3"}
)
