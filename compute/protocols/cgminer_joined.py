"""Several reports of the cgminer family over one connection: "summary+devs", where the firmware joins them."""

from collections.abc import Callable
from typing import Any

from cango_ops.wire import Garbled, NoAnswer
from compute.protocols.cgminer import Reply, ask, parse_reply, refused
from compute.protocols.mending import CUT
from compute.protocols.reading import Reading
from compute.protocols.talk import Talk

# A driver that finds this note may spare the machine the joined question: poll(join=False).
ONE_BY_ONE = "reports are asked one by one: this firmware does not join them"


def parse_joined(raw: bytes) -> dict[str, Reply]:
    """The answer to "summary+devs": report name to reply. Raises Garbled where the machine does not join.

    Of an answer that was cut off the last report is left out: its list may have been longer.
    """
    reply = parse_reply(raw)
    parts: dict[str, Reply] = {}
    for key, value in reply.items():
        part = value[0] if isinstance(value, list) and value else value
        if isinstance(part, dict) and "STATUS" in part and not refused(part):
            parts[key] = part
    if parts and CUT in reply.get("notes", ()):
        parts.popitem()
    if not parts:
        raise Garbled("reports are not joined by this firmware")
    return parts


def joined(
    talk: Talk,
    commands: tuple[str, ...],
    *,
    join: bool = True,
    optional: frozenset[str] = frozenset(),
    quick: Callable[[bytes], Reading | None] | None = None,
    whole: bool = False,
) -> Any:
    """Asks several reports over one connection where the firmware joins, else one by one; name to reply.

    quick: a short way from the joined answer to a reading, which is then the result.
    whole: a report that the joined answer leaves out is asked for by itself.
    """
    parts: dict[str, Reply] = {}
    if join and len(commands) > 1:
        first_try = Talk()
        first_try.heard = talk.heard
        found = yield from first_try.ask(ask("+".join(commands)), _either(quick))
        if isinstance(found, Reading):
            talk.heard += 1
            return found
        if found and commands[0] in found:
            talk.heard += 1
            parts = found
            if not whole:
                _note_missing(talk, commands, parts, optional)
                return parts
        elif not isinstance(first_try.first_failure, NoAnswer):
            talk.note(ONE_BY_ONE)
    for command in commands:
        if command not in parts:
            reply = yield from talk.ask(ask(command), parse_reply, optional=command in optional)
            if reply is not None:
                parts[command] = reply
    return parts


def _note_missing(talk: Talk, commands: tuple[str, ...], parts: dict[str, Reply], optional: frozenset[str]) -> None:
    for command in commands:
        if command not in parts and command not in optional:
            talk.gaps += 1
            talk.note(f"{command}: not in the joined answer")


def _either(quick: Callable[[bytes], Reading | None] | None) -> Callable[[bytes], Any]:
    """parse_joined, after the short way where there is one."""
    return parse_joined if quick is None else lambda raw: quick(raw) or parse_joined(raw)
