"""All events of a place in a span, a bounded query for each kind."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cango_ops.base.models import User
from cango_ops.web.events import work, world
from cango_ops.web.events.event import Event
from cango_ops.web.events.place import Place

Reader = Callable[[User, Place, datetime, datetime, int], list[Event]]
# Which events stand on the charts of which scope. What a site decides reaches a container as commands.
EVERY: Final = ("alert", "hold", "call", "command", "window", "machine", "note")
OF_SCOPE: Final[dict[str, tuple[str, ...]]] = {
    "fleet": (*EVERY, "decision", "price"), "region": (*EVERY, "decision", "price"),
    "site": (*EVERY, "decision", "price"), "container": EVERY, "device": EVERY,
}  # fmt: skip
READERS: Final[dict[str, tuple[Reader, ...]]] = {
    "alert": (world.alerts,), "hold": (work.holds,), "call": (world.calls,), "command": (work.commands,),
    "window": (world.windows,), "machine": (work.machines,), "note": (work.notes, world.comments),
    "decision": (work.decisions,), "price": (world.prices,),
}  # fmt: skip
MOST: Final = 1000


@dataclass(frozen=True)
class Found:
    """events: the newest first.   is_cut: of some kind there were more than could be read."""

    events: tuple[Event, ...]
    is_cut: bool


def events_of(
    user: User, place: Place, start: datetime, end: datetime, kinds: Collection[str] = (), most: int = MOST
) -> Found:
    """Of these kinds, or of all that the scope has; `most` of each kind, its newest."""
    wanted = [kind for kind in OF_SCOPE[place.scope] if not kinds or kind in kinds]
    read = [reader(user, place, start, end, most + 1) for kind in wanted for reader in READERS[kind]]
    events = [one for rows in read for one in rows[:most]]
    events.sort(key=lambda one: (one.at, one.kind, one.url), reverse=True)
    return Found(tuple(events), any(len(rows) > most for rows in read))
