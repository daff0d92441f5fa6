"""An event of a place at the time that it is about, and how many of them become one mark of a chart. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Word of one, word of several. The gravest first: of several events in one mark the first kind's picture is shown.
KINDS: Final[dict[str, tuple[str, str]]] = {
    "alert": ("alert", "alerts"),
    "hold": ("hold", "holds"),
    "decision": ("decision", "decisions"),
    "call": ("grid call", "grid calls"),
    "command": ("wave of commands", "waves of commands"),
    "window": ("planned outage", "planned outages"),
    "price": ("price event", "price events"),
    "machine": ("machine replaced", "machines replaced"),
    "note": ("note", "notes"),
}
# Kinds whose picture in base.icons has another name.
ICON_OF: Final = {"alert": "alerts", "command": "commands", "decision": "switching"}
# So many marks a list holds; a chart makes one of those that would cover each other on it (js/lib/marks.js).
MARKS: Final = 144
# Members of a mark that are named one by one.
NAMED: Final = 8


@dataclass(frozen=True)
class Event:
    """at: the time of what it is about, never that of a message. until: its end; None where it has none or lasts.

    tone: one of the six states where the event is one, else "ink". lasts: it covers the chart from at to until, or on.
    """

    kind: str
    at: datetime
    place: str
    name: str
    url: str
    tone: str = "ink"
    until: datetime | None = None
    lasts: bool = False

    @property
    def word(self) -> str:
        return KINDS[self.kind][0]

    @property
    def icon(self) -> str:
        return ICON_OF.get(self.kind, self.kind)


@dataclass(frozen=True)
class Mark:
    """What stands on a chart at one place: one event, or several that would cover each other."""

    at: datetime
    events: tuple[Event, ...]

    @property
    def until(self) -> datetime:
        """When the last of them began."""
        return self.events[-1].at

    @property
    def gravest(self) -> Event:
        order = list(KINDS)
        return min(self.events, key=lambda one: (order.index(one.kind), TONES.get(one.tone, 9)))

    @property
    def is_one(self) -> bool:
        return len(self.events) == 1

    @property
    def name(self) -> str:
        """One event's own name, "12 alerts, 2 notes" of several."""
        if self.is_one:
            return f"{self.events[0].word}: {self.events[0].name}"
        return ", ".join(counted(kind, count) for kind, count in kinds_of(self.events).items())

    @property
    def kinds(self) -> str:
        """As "alert:2,note:1", for the charts."""
        return ",".join(f"{kind}:{count}" for kind, count in kinds_of(self.events).items())

    @property
    def rank(self) -> int:
        """The lower, the graver."""
        one = self.gravest
        return 10 * list(KINDS).index(one.kind) + TONES.get(one.tone, 9)

    @property
    def named(self) -> tuple[Event, ...]:
        return self.events[:NAMED]

    @property
    def more(self) -> int:
        return len(self.events) - len(self.named)


TONES: Final = {"critical": 0, "warning": 1, "maintenance": 2}


def counted(kind: str, count: int) -> str:
    return f"{count} {KINDS[kind][count > 1]}"


def kinds_of(events: Iterable[Event]) -> dict[str, int]:
    """How many of each kind, in the order of KINDS."""
    found = Counter(one.kind for one in events)
    return {kind: found[kind] for kind in KINDS if found[kind]}


def marks(events: Sequence[Event], start: datetime, end: datetime, most: int = MARKS) -> list[Mark]:
    """At most `most` + 1 marks, none nearer to the one before than a `most`-th of the span.

    What began before the span stands at its beginning.
    """
    apart = (end - start) / most
    found: list[list[Event]] = []
    first = start - timedelta(days=1)
    for one in sorted(events, key=lambda one: (one.at, one.kind, one.url)):
        at = max(one.at, start)
        if not found or at - first >= apart:
            found.append([])
            first = at
        found[-1].append(one)
    return [Mark(max(group[0].at, start), tuple(group)) for group in found]
