"""LuxOS on port 4028: sessions, curtailment, profiles.

`logon` gives the one session, whose id stands first in the parameter of each command that wants it. A profile is
refused while ATM drives the profiles itself.
"""

from collections.abc import Callable
from typing import Final

from cango_ops.estate.commands import limit, reboot, sleep, wake
from cango_ops.estate.dialects.cgminer import Call, invalid, joined, refused, status
from cango_ops.estate.dialects.luxos import DESCRIPTION, READS, STEPS, is_atm_on, profile_name, profile_watts
from cango_ops.estate.dialects.luxos_session import NEEDS_SESSION, Session, Sessions
from cango_ops.estate.machine import Pulse

ANOTHER_SESSION: Final = 402
NO_SESSION: Final = 401
BAD_PARAMETER: Final = 403
PROFILE_SETTLE_S: Final = 150.0

Write = Callable[[Call, list[str]], str]


def answer(call: Call, sessions: Sessions) -> str:
    """The JSON of one answer, joined when the command was."""
    command = call.request.command
    if "+" not in command:
        return _one(call, sessions, command)
    pulse = Pulse(call.machine, call.t)
    return joined(
        [
            (part, READS[part](call.machine, pulse) if part in READS else _one(call, sessions, part))
            for part in command.split("+")
        ]
    )


def _one(call: Call, sessions: Sessions, command: str) -> str:
    if command in READS:
        return READS[command](call.machine, Pulse(call.machine, call.t))
    if command == "logon":
        return _logon(call, sessions)
    if command == "session":
        return _session(sessions.current(call.machine.address, call.t), call, 316, "Session information")
    if command in NEEDS_SESSION:
        return _with_session(call, sessions, command)
    return invalid(call.request, DESCRIPTION, call.t)


def _logon(call: Call, sessions: Sessions) -> str:
    session = sessions.open(call.machine.address, call.t)
    if session is None:
        call.note(ANOTHER_SESSION)
        return refused(ANOTHER_SESSION, "Another session is active", DESCRIPTION, call.t)
    call.note(316)
    return _session(session, call, 316, "Session created")


def _session(session: Session | None, call: Call, code: int, message: str) -> str:
    name = session.id if session else ""
    return f'{{"SESSION":[{{"SessionID":"{name}"}}],{status("S", code, message, DESCRIPTION, call.t)},"id":1}}'


def _with_session(call: Call, sessions: Sessions, command: str) -> str:
    session_id, *words = call.request.parameter.split(",")
    if not sessions.use(call.machine.address, session_id.strip(), call.t):
        call.note(NO_SESSION)
        return refused(NO_SESSION, "Invalid session id", DESCRIPTION, call.t)
    if command == "logoff":
        sessions.close(call.machine.address)
        call.note(317)
        return "{" + status("S", 317, "Session terminated", DESCRIPTION, call.t) + ',"id":1}'
    write = WRITES.get(command)
    if write is None:
        return _done(call, 300, f"{command} OK")
    return write(call, [word.strip() for word in words])


def _done(call: Call, code: int, message: str) -> str:
    call.note(code)
    return "{" + status("S", code, message, DESCRIPTION, call.t) + ',"id":1}'


def _bad(call: Call, message: str) -> str:
    call.note(BAD_PARAMETER)
    return refused(BAD_PARAMETER, message, DESCRIPTION, call.t)


def curtail(call: Call, words: list[str]) -> str:
    if words == ["sleep"]:
        sleep(call.machine, call.t)
        return _done(call, 330, "Miner is going to sleep")
    if words == ["wakeup"]:
        wake(call.machine, call.t)
        return _done(call, 331, "Miner is waking up")
    return _bad(call, "Invalid curtail mode")


def profileset(call: Call, words: list[str]) -> str:
    plate = call.machine.plate
    steps = {profile_name(plate, step): step for step in STEPS}
    if is_atm_on(call.machine):
        return _bad(call, "Profile change is not allowed while ATM is enabled")
    if not words or words[-1] not in steps:
        return _bad(call, "Unknown profile")
    limit(call.machine, call.t, profile_watts(plate, steps[words[-1]]), PROFILE_SETTLE_S)
    call.machine.commanded(call.t).settings["profile"] = words[-1]
    return _done(call, 326, "Profile set")


def atmset(call: Call, words: list[str]) -> str:
    given = dict(word.split("=", 1) for word in words if "=" in word)
    if given.get("enabled") not in ("true", "false"):
        return _bad(call, "Invalid ATM parameter")
    call.machine.commanded(call.t).settings["atm"] = given["enabled"]
    return _done(call, 340, "ATM configuration updated")


def restart(call: Call, words: list[str]) -> str:
    reboot(call.machine, call.t)
    return _done(call, 308, "Reboot device")


WRITES: Final[dict[str, Write]] = {
    "curtail": curtail,
    "profileset": profileset,
    "atmset": atmset,
    "rebootdevice": restart,
    "reboot": restart,
    "resetminer": restart,
}
