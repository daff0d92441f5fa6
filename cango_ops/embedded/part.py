"""One program of a running console, as data: what to run, when it is ready, how it is told to stop."""

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cango_ops.embedded.run_as import RunAs


def at_once() -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Part:
    """name: of its log and pid file. title: for people. stage: parts of one stage start and stop together.

    Ready when is_ready says so and the log of this start holds says_when_ready.
    """

    name: str
    title: str
    argv: tuple[str, ...]
    stage: int = 0
    is_ready: Callable[[], bool] = at_once
    says_when_ready: str = ""
    ready_within_s: float = 60
    stop_signal: signal.Signals = signal.SIGTERM
    run_as: RunAs | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None
