"""Keeps the parts of a console running: starts them in order, restarts the dead, stops all in reverse order."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

from cango_ops.embedded.child import PAUSE_S, Child
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.logs import rotate
from cango_ops.embedded.part import Part

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
# A part that lived this long has earned a quick restart again.
STEADY_S = 30.0
STOP_WITHIN_S = 9.0
ROTATE_EVERY_S = 5.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Watched:
    """A child and what is known of its health. restart_at: set while it is down; lost_at: until it is ready again."""

    child: Child
    started_at: float
    pause_s: float = FIRST_PAUSE_S
    restart_at: float | None = None
    lost_at: float | None = None


class Supervisor:
    """One console in one run folder. say: tells a person a line."""

    def __init__(self, folder: RunFolder, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.watched: list[Watched] = []
        self.stop_asked = 0
        self.rotated_at = 0.0

    def listen_to_signals(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked += 1

    def is_asked_to_stop(self) -> bool:
        return self.stop_asked > 0

    def start(self, parts: Sequence[Part]) -> None:
        """Starts the parts together and returns when every one is ready."""
        self.await_ready(self.launch(parts))

    def launch(self, parts: Sequence[Part]) -> list[Watched]:
        """Starts the parts and returns at once."""
        fresh = [Watched(Child(part, self.folder), time.monotonic()) for part in parts]
        for watched in fresh:
            self.watched.append(watched)
            watched.child.start()
        return fresh

    def await_ready(self, launched: Sequence[Watched]) -> None:
        for watched in launched:
            watched.child.wait_ready(self.is_asked_to_stop)
            self.say(f"{watched.child.part.title} ready after {time.monotonic() - watched.started_at:.1f} s")

    def check(self, launched: Sequence[Watched]) -> None:
        """Fails early when one of them has ended already."""
        for watched in launched:
            if watched.child.exit_code() is not None:
                raise watched.child.failure("did not start")

    def run(self, part: Part) -> None:
        """Runs a part that ends by itself, such as a migration, and returns when it has done its work."""
        begun = time.monotonic()
        watched = Watched(Child(part, self.folder), begun)
        self.watched.append(watched)
        watched.child.start()
        watched.child.wait_done(self.is_asked_to_stop)
        self.watched.remove(watched)
        self.say(f"{part.title} done in {time.monotonic() - begun:.1f} s")

    def watch(self) -> None:
        """Restarts what dies, until somebody asks to stop."""
        while not self.stop_asked:
            now = time.monotonic()
            for watched in self.watched:
                self._look_after(watched, now)
            if now - self.rotated_at > ROTATE_EVERY_S:
                self.rotated_at = now
                rotate(self.folder.logs)
            time.sleep(5 * PAUSE_S)

    def _look_after(self, watched: Watched, now: float) -> None:
        if watched.restart_at is not None:
            if now >= watched.restart_at:
                self._restart(watched, now)
        elif watched.child.exit_code() is not None:
            self._note_death(watched, now)
        elif watched.lost_at is not None and watched.child.is_ready():
            self.say(f"{watched.child.part.title} is back after {now - watched.lost_at:.1f} s")
            watched.lost_at = None

    def _note_death(self, watched: Watched, now: float) -> None:
        child = watched.child
        if now - watched.started_at > STEADY_S:
            watched.pause_s = FIRST_PAUSE_S
        self.say(f"{child.part.title} {how_it_ended(child.exit_code())}; starting it again in {watched.pause_s:.1f} s")
        child.end(now)
        watched.lost_at = watched.lost_at or now
        watched.restart_at = now + watched.pause_s
        watched.pause_s = min(LONGEST_PAUSE_S, 2 * watched.pause_s)

    def _restart(self, watched: Watched, now: float) -> None:
        watched.restart_at = None
        watched.started_at = now
        watched.child.start()

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Stops everything, the last stage first; asked once more while it waits, it kills at once."""
        asked = self.stop_asked
        deadline = time.monotonic() + within_s
        stages = sorted({watched.child.part.stage for watched in self.watched}, reverse=True)
        for left, stage in zip(range(len(stages), 0, -1), stages, strict=True):
            children = [watched.child for watched in self.watched if watched.child.part.stage == stage]
            for child in children:
                child.ask_to_stop()
            share = time.monotonic() + max(0.0, deadline - time.monotonic()) / left
            while time.monotonic() < share and self.stop_asked <= asked + 1 and any(map(is_running, children)):
                time.sleep(PAUSE_S)
            for child in children:
                child.end(0)
        self.watched.clear()


def is_running(child: Child) -> bool:
    return child.exit_code() is None


def how_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
