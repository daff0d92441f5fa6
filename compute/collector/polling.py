"""One pass over the machines of a plan: asks them all, notes silence and restarts, hands each site on once heard.

A site is handed on when its last machine has ended, and before that whenever it has been quiet for a second, so
that its slow machines never hold up what the others said.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final

from cango_ops.base.switchboard.board import Switchboard
from cango_ops.base.switchboard.call import Call, Outcome
from compute.collector import backoff, cadence
from compute.collector.backoff import Memory
from compute.collector.plan import Plan, Question, Target
from compute.protocols.answer_times import Tally
from compute.telemetry.polled import Polled

POLL_S: Final = 5.0
INSPECT_S: Final = 10.0
STEP_S: Final = 0.1
QUIET_S: Final = 1.0
LONGEST_S: Final = 3.0

# After these a machine's first contact is still to come; a slow or garbling one has had its chance for a while.
ABSENT: Final = ("refused", "unreachable")

Keep = Callable[[int, list[Polled]], None]


class Heard:
    """What a site's machines said and is not yet handed on. unheard: machines still to end."""

    __slots__ = ("changed_at", "polled", "since", "unheard")

    def __init__(self) -> None:
        self.polled: list[Polled] = []
        self.unheard = 0
        self.since = 0.0
        self.changed_at = 0.0

    def add(self, polled: Polled, now: float) -> None:
        if not self.polled:
            self.since = now
        self.polled.append(polled)
        self.unheard -= 1
        self.changed_at = now

    def is_ripe(self, now: float) -> bool:
        if not self.polled:
            return False
        return not self.unheard or now - self.changed_at >= QUIET_S or now - self.since >= LONGEST_S


class Polling:
    """keep: takes a site and what was heard of it.   counts: what happened, for the job's record.
    tallies: answers and their times by site and language.

    restarted: machines that were inspected for a restart lately; one whose uptime stands still is not so each time.
    """

    def __init__(self, board: Switchboard, memory: Memory, keep: Keep, restarted: set[int] | None = None) -> None:
        self.board = board
        self.memory = memory
        self.keep = keep
        self.restarted = set() if restarted is None else restarted
        self.sites: dict[int, Heard] = {}
        self.asleep: dict[int, list[Target]] = {}
        self.inspected: set[int] = set()
        self.counts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.tallies: defaultdict[tuple[int, str], Tally] = defaultdict(Tally)

    def run(self, plan: Plan, stop: Callable[[], bool]) -> None:
        """Returns when everybody has ended, or soon after `stop` says so; then the rest was not asked."""
        self.asleep = plan.asleep
        self.counts["left_alone"] += plan.left_alone
        for question in plan.questions:
            self._ask(question)
        while self.board.busy and not stop():
            for outcome in self.board.step(STEP_S):
                self._take(outcome, time.time())
            self._hand_on(time.monotonic())
        self.counts["not_asked"] += sum(site.unheard for site in self.sites.values())
        for site in self.sites.values():
            site.unheard = 0
        self._hand_on(time.monotonic())

    def _ask(self, question: Question) -> None:
        target = question.target
        adapter = target.adapter
        self.sites.setdefault(target.site_id, Heard()).unheard += 1
        begin, total_s = (adapter.inspect, INSPECT_S) if question.inspect else (adapter.poll, POLL_S)
        self.board.add(Call(question, target.address, target.port, begin, target.container_id, total_s, target.reach))

    def _take(self, outcome: Outcome, at: float) -> None:
        question: Question = outcome.call.key
        target = question.target
        self.counts["polled"] += 1
        if question.inspect and outcome.failure not in ABSENT:
            self.inspected.add(target.device_id)
        if outcome.failure is None:
            self._take_reading(question, outcome, at)
        else:
            self.failures[outcome.failure] += 1
        tally = self.tallies[target.site_id, target.adapter.name]
        tally.add(None if question.inspect else outcome.seconds, outcome.failure, outcome.detail, at)
        self._note_silence(target, outcome.failure, at)
        self.sites[target.site_id].add(
            Polled(
                target.device_id, target.container_id, target.slot, at, outcome.result, outcome.failure,
                full=question.inspect and outcome.failure is None,
            ),
            time.monotonic(),
        )  # fmt: skip

    def _take_reading(self, question: Question, outcome: Outcome, at: float) -> None:
        self.counts["answered"] += 1
        if question.inspect:
            self.counts["inspected"] += 1
        elif self._has_restarted(question.target.device_id, outcome.result.uptime_s, at):
            self.counts["restarted"] += 1
            self._ask(Question(question.target, inspect=True))

    def _has_restarted(self, device_id: int, uptime_s: int | None, at: float) -> bool:
        silence = self.memory.silences.get(device_id)
        heard_at = self.memory.swept_at if silence is None else silence.since
        if device_id in self.restarted or not cadence.has_restarted(uptime_s, heard_at, at):
            return False
        self.restarted.add(device_id)
        return True

    def _note_silence(self, target: Target, failure: str | None, at: float) -> None:
        silences = self.memory.silences
        if failure in backoff.SILENT:
            silences[target.device_id] = backoff.missed(silences.get(target.device_id), at)
            return
        silences.pop(target.device_id, None)
        if target.container_id in self.asleep:
            woken = self.asleep.pop(target.container_id)
            self.counts["woken"] += len(woken)
            self.counts["left_alone"] -= len(woken)
            for neighbour in woken:
                self._ask(Question(neighbour))

    def _hand_on(self, now: float) -> None:
        for site_id, heard in self.sites.items():
            if heard.is_ripe(now):
                self.keep(site_id, heard.polled)
                heard.polled = []
