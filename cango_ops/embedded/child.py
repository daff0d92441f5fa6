"""A running part: started in a session of its own, remembered by pid and start time, stopped with all its children."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from cango_ops.embedded import launch
from cango_ops.embedded.failure import CannotStart, in_plain_words
from cango_ops.embedded.folder import RunFolder, replace
from cango_ops.embedded.identity import Identity, group_members, has_environment, identify, lives
from cango_ops.embedded.part import Part

# Every child carries this, so that orphans of a dead supervisor are told from strangers.
MARK = "CANGO_SUPERVISED_IN"
PAUSE_S = 0.02


class Stopped(Exception):
    """Somebody asked to stop while a part was being waited for."""


class Child:
    """One part in one run folder."""

    def __init__(self, part: Part, folder: RunFolder) -> None:
        self.part = part
        self.run_folder = folder
        self.log = folder.log(part.name)
        self.process: subprocess.Popen[bytes] | None = None
        self.log_starts_at = 0

    def start(self) -> None:
        with in_plain_words(self.log), self.log.open("ab") as log:
            self.log_starts_at = log.tell()
            self.process = self._spawn(log)
            self._remember(self.process.pid)

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            launch.command(self.part.argv, self.part.stop_signal, self.part.run_as),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**self.part.environment, MARK: str(self.run_folder.root)},
            cwd=self.part.folder,
        )

    def _remember(self, pid: int) -> None:
        who = identify(pid)
        if who:
            note = {"pid": who.pid, "started": who.started, "stop_signal": int(self.part.stop_signal)}
            replace(pid_file(self.run_folder, self.part.name), json.dumps(note))

    def exit_code(self) -> int | None:
        """None while it runs; a part that was never started has ended with 0."""
        return self.process.poll() if self.process else 0

    def said(self) -> str:
        """What it wrote into its log since its last start."""
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(self.log_starts_at)
            return log.read(1_000_000).decode(errors="replace")
        return ""

    def wait_ready(self, stop_asked: Callable[[], bool] = lambda: False) -> None:
        """Returns when the part is ready. stop_asked: ends the waiting early, with Stopped."""
        deadline = time.monotonic() + self.part.ready_within_s
        while not self.is_ready():
            if self.exit_code() is not None:
                raise self.failure("did not start")
            if time.monotonic() > deadline:
                raise self.failure(f"was not ready in {self.part.ready_within_s:.0f} s")
            pause(stop_asked)

    def is_ready(self) -> bool:
        return self.part.is_ready() and self.part.says_when_ready in self.said()

    def failure(self, what: str) -> CannotStart:
        return CannotStart(f"{self.part.title} {what}: {last_words(self.said())} (all of it: {self.log})")

    def wait_done(self, stop_asked: Callable[[], bool] = lambda: False) -> None:
        """Returns when a part that ends by itself has done its work."""
        while (code := self.exit_code()) is None:
            pause(stop_asked)
        self.end(0)
        if code:
            raise self.failure("failed")

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.part.stop_signal)

    def end(self, deadline: float) -> None:
        """Waits for it until the deadline, then kills what is left of it and of its own children."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        kill_group(self.process.pid, self.run_folder)
        self.process.wait()
        pid_file(self.run_folder, self.part.name).unlink(missing_ok=True)

    def stop(self, within_s: float = 5) -> None:
        self.ask_to_stop()
        self.end(time.monotonic() + within_s)


def pause(stop_asked: Callable[[], bool]) -> None:
    if stop_asked():
        raise Stopped
    time.sleep(PAUSE_S)


def last_words(log: str) -> str:
    """The line of a log that says best why a program ended: the last complaint, else the last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    complaints = [line for line in lines if any(word in line for word in ("FATAL", "rror", "No space left"))]
    return ([*lines, *complaints] or ["it said nothing"])[-1]


def pid_file(folder: RunFolder, name: str) -> Path:
    return folder.pids / f"{name}.json"


def kill_group(group: int, folder: RunFolder) -> None:
    for pid in group_members(group):
        if has_environment(pid, MARK, str(folder.root)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def stop_leftovers(folder: RunFolder, within_s: float = 8) -> list[str]:
    """Stops what a supervisor that was killed has left running; returns the names of those that still lived."""
    found = {path: leftover for path in sorted(folder.pids.glob("*.json")) if (leftover := read_pid_file(path))}
    alive = {path: leftover for path, leftover in found.items() if lives(leftover[0])}
    for who, stop_signal in alive.values():
        with suppress(ProcessLookupError):
            os.kill(who.pid, stop_signal)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and any(lives(who) for who, _ in alive.values()):
        time.sleep(PAUSE_S)
    for path, (who, _) in found.items():
        kill_group(who.pid, folder)
        path.unlink(missing_ok=True)
    return [path.stem for path in alive]


def read_pid_file(path: Path) -> tuple[Identity, int] | None:
    try:
        note = json.loads(path.read_text())
        return Identity(int(note["pid"]), str(note["started"])), int(note["stop_signal"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
