"""Drives the conversations of wire.py over sockets: thousands at once in one thread, around one epoll.

Every call ends by its total deadline, whatever its machine does, and every answer by its frame's byte limit. Nothing is
logged here and no coroutine made: a call costs seven system calls, the rest is its language's own work.
Why this is no asyncio loop: docs/decisions/0002-polling-loop.md.
"""

import select
import time
from collections.abc import Mapping
from typing import Any, Final

from cango_ops.base.switchboard.call import GARBLED, Call, Limits, Outcome
from cango_ops.base.switchboard.clocks import Clocks
from cango_ops.base.switchboard.line import Line, files_free, not_connected
from cango_ops.base.switchboard.turns import Group, Turns
from cango_ops.frames import frame_of
from cango_ops.wire import Ask, Framing, Garbled, NoAnswer

EVENTS_AT_ONCE: Final = 1024
BEGIN_AT_ONCE: Final = 128
STALL_S: Final = 0.5
MAX_LAST_WORDS: Final = 64
# What a wait is for: positive numbers are the attempts at a connection.
TOTAL: Final = 0
PATIENCE: Final = -1
# These answers say where they end and leave the connection open, so that the next question can go over it too.
KEPT_OPEN: Final = (Framing.LENGTH_LE32, Framing.MODBUS)
WATCHED: Final = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
ENDED: Final = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR


class Switchboard:
    """Add calls, then `step` while it is `busy`; each step returns the calls that ended meanwhile.

    The one place that opens connections to machines and meters: each goes to a literal address that the call's reach
    allows at this port, and a redirect is an answer like any other, never followed.
    forbidden: (address, port) pairs that are never connected to, whatever a call or an ask says.
    moved_ports: where a port stands that an ask names itself (80: 8081), for fields behind moved ports.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        forbidden: frozenset[tuple[str, int]] = frozenset(),
        moved_ports: Mapping[int, int] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.forbidden = forbidden
        self.moved_ports = moved_ports or {}
        self.turns = Turns(self.limits, files_free(self.limits.open_at_most))
        self.clocks: Clocks[Line] = Clocks()
        self.lines: dict[int, Line] = {}
        self.outcomes: list[Outcome] = []
        self.asleep_s = 0.0
        self.now = self._clock()
        self.epoll = select.epoll()

    @property
    def busy(self) -> bool:
        return bool(self.turns.waiting or self.turns.under_way or self.outcomes)

    def add(self, call: Call) -> None:
        self.turns.add(call)

    def step(self, at_most_s: float) -> list[Outcome]:
        """Waits at most so long for news; the calls that ended."""
        self._wake()
        is_full = self._begin_some()
        pause = 0.0 if self.outcomes or is_full else self.clocks.pause(self.now, at_most_s)
        events = self.epoll.poll(pause, EVENTS_AT_ONCE)
        self.now = self._clock()
        for fd, mask in events:
            if line := self.lines.get(fd):
                self._on_event(line, mask)
        # Nobody is late whose answer is here and only not read yet.
        if len(events) < EVENTS_AT_ONCE:
            for line, which in self.clocks.due(self.now):
                self._on_due(line, which)
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def close(self) -> None:
        """Drops all that is under way or waits."""
        self.turns.forget_waiting()
        for line in list(self.lines.values()):
            self._hang_up(line)
            self.turns.ended(line.group, counts=line.counts)
            if line.talk is not None:
                line.talk.close()
                line.talk = None
        self.outcomes.clear()
        self.epoll.close()

    def __enter__(self) -> "Switchboard":
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def _clock(self) -> float:
        return time.monotonic() - self.asleep_s

    def _wake(self) -> None:
        """Time in which this process was kept from running, or ran elsewhere, is not held against the machines."""
        before, self.now = self.now, self._clock()
        if self.now - before > STALL_S:
            self.asleep_s += self.now - before - STALL_S
            self.now = self._clock()

    def _begin_some(self) -> bool:
        """Begins calls, a few at a time so that answers are read in between; True where more could begin."""
        for _ in range(BEGIN_AT_ONCE):
            turn = self.turns.next()
            if turn is None:
                return False
            self._begin(*turn)
        return True

    # The conversation

    def _begin(self, call: Call, group: Group) -> None:
        line = Line(call, group, self.now)
        self.clocks.set(self.now, call.total_s, line, TOTAL)
        self.clocks.set(self.now, self.limits.patience_s, line, PATIENCE)
        self._advance(line, None)

    def _advance(self, line: Line, answer: bytes | None) -> None:
        """Hands the conversation its answer (None begins it) and asks what it wants next."""
        assert line.talk is not None
        try:
            ask = line.talk.send(answer)  # type: ignore[arg-type]  # None is how a generator begins
        except StopIteration as stop:
            self._end(line, stop.value, None, "")
        except Exception as error:
            self._fail(line, error)
        else:
            self._put(line, ask)

    def _refuse(self, line: Line, error: NoAnswer | Garbled) -> None:
        """Tells the conversation that its answer did not come; it may have another question."""
        assert line.talk is not None
        self._hang_up(line)
        try:
            ask = line.talk.throw(error)
        except StopIteration as stop:
            self._end(line, stop.value, None, "")
        except Exception as why:
            self._fail(line, why)
        else:
            self._put(line, ask)
        finally:
            forget_way(error)

    def _fail(self, line: Line, error: Exception) -> None:
        if isinstance(error, NoAnswer):
            self._end(line, None, error.reason, error.detail)
        elif isinstance(error, Garbled):
            self._end(line, None, GARBLED, str(error))
        else:  # a fault in one language's code ends this call, not the others
            self._end(line, None, GARBLED, f"not understood ({type(error).__name__}: {error})")

    def _end(self, line: Line, result: Any, failure: str | None, detail: str) -> None:
        self._hang_up(line)
        line.talk = None
        seconds = self.now - line.began_at
        if failure is None:
            line.group.took_s += (seconds - line.group.took_s) / 4
        self.turns.ended(line.group, counts=line.counts)
        self.outcomes.append(Outcome(line.call, result, failure, detail, seconds))

    # The socket

    def _put(self, line: Line, ask: Ask) -> None:
        port = line.call.port if ask.port is None else self.moved_ports.get(ask.port, ask.port)
        line.ask = ask
        line.frame = frame_of(ask)
        line.unsent = ask.payload
        line.reused = line.sock is not None and line.port == port
        if line.reused:
            self._send(line)
        else:
            self._connect(line, port)

    def _connect(self, line: Line, port: int) -> None:
        self._hang_up(line)
        address = line.call.address
        refusal = line.call.reach.refusal(address, port)
        if (address, port) in self.forbidden:
            refusal = "is not for machines: it is the console's own"
        if refusal:
            self._refuse(line, NoAnswer("unreachable", f"{address}:{port} {refusal}"))
            return
        try:
            line.connect(port)
        except OSError as error:
            self._refuse(line, not_connected(error))
            return
        self._watch(line, port)

    def _watch(self, line: Line, port: int) -> None:
        line.port = port
        line.attempt += 1
        line.connecting = True
        fd = line.sock.fileno()
        self.lines[fd] = line
        self.epoll.register(fd, WATCHED)
        self.clocks.set(self.now, self.limits.connect_s, line, line.attempt)

    def _on_event(self, line: Line, mask: int) -> None:
        if line.connecting:
            if mask & ENDED and (error := line.fault()):
                self._refuse(line, not_connected(error))
                return
            line.connecting = False
        if line.unsent and not self._send(line):
            return
        if mask & ~select.EPOLLOUT:
            self._read(line, mask)

    def _send(self, line: Line) -> bool:
        try:
            sent = line.sock.send(line.unsent)
        except BlockingIOError:
            return True
        except OSError as error:
            self._lost(line, NoAnswer("closed", error.strerror or "while asking"))
            return False
        line.unsent = b"" if sent == len(line.unsent) else memoryview(line.unsent)[sent:]
        return True

    def _read(self, line: Line, mask: int) -> None:
        try:
            body = line.read(mask)
        except BlockingIOError:
            return
        except (NoAnswer, Garbled) as error:
            self._lost(line, error)
        except OSError as error:
            self._lost(line, NoAnswer("closed", error.strerror or "while answering"))
        else:
            if body is None:
                return
            if line.ask.framing not in KEPT_OPEN or mask & ENDED:
                self._hang_up(line)
            self._advance(line, body)

    def _lost(self, line: Line, error: NoAnswer | Garbled) -> None:
        """A connection kept from the last question may have been closed since: then ask again over a new one."""
        if line.reused:
            line.reused = False
            line.frame = frame_of(line.ask)
            line.unsent = line.ask.payload
            self._connect(line, line.port)
        else:
            self._refuse(line, error)

    def _hang_up(self, line: Line) -> None:
        if line.sock is not None:
            self.lines.pop(line.sock.fileno(), None)
            line.sock.close()
            line.sock = None
            line.connecting = False

    # Deadlines

    def _on_due(self, line: Line, which: int) -> None:
        if line.talk is None:
            return
        if which == PATIENCE:
            self._lose_patience(line)
        elif which == TOTAL:
            self._out_of_time(line)
        elif line.connecting and line.attempt == which:
            self._refuse(line, NoAnswer("unreachable", f"no connection within {self.limits.connect_s:g} s"))

    def _lose_patience(self, line: Line) -> None:
        if self.now - line.began_at < 2 * line.group.took_s:
            self.clocks.set(self.now, self.limits.patience_s, line, PATIENCE)
        else:
            line.counts = False
            self.turns.make_room(line.group)

    def _out_of_time(self, line: Line) -> None:
        """Ends a call now: its conversation may sum up what it heard, but ask no more."""
        assert line.talk is not None
        error = NoAnswer("deadline", f"no whole answer within {line.call.total_s:g} s")
        try:
            for _ in range(MAX_LAST_WORDS):
                line.talk.throw(error)
        except StopIteration as stop:
            self._end(line, stop.value, None, "")
        except Exception as why:
            self._fail(line, why)
        else:
            line.talk.close()
            self._fail(line, error)
        finally:
            forget_way(error)


def forget_way(error: BaseException) -> None:
    """Its traceback holds the frames that hold it, and all that they hold, until somebody looks for such cycles."""
    error.__traceback__ = None
