"""What the cgminer family shares: the request, the status line, joined commands, and answers as text.

Source: cgminer's API-README. A request that starts with "{" is answered in JSON, any other as text with `|` and `,`.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec

from cango_ops.estate.machine import Machine
from cango_ops.estate.world import World

INVALID_COMMAND: Final = 14
INVALID_JSON: Final = 23
ACCESS_DENIED: Final = 45
MAX_REQUEST: Final = 16_384


class Request(msgspec.Struct, frozen=True):
    """One request. parameter: as text, whatever it was. body: the whole JSON object, empty for text."""

    command: str
    parameter: str = ""
    is_json: bool = True
    body: dict[str, Any] = {}


class Call(msgspec.Struct, frozen=True):
    """A request on its way to the machine it is for."""

    world: World
    machine: Machine
    request: Request
    t: float
    port: int

    def note(self, code: object, command: str = "", parameters: str | None = None) -> None:
        """Into the journal."""
        request = self.request
        said = request.parameter if parameters is None else parameters
        self.world.note(self.machine, self.port, command or request.command, said, code)


@lru_cache(maxsize=256)
def request_of(data: bytes) -> Request | None:
    """The request in these bytes, or None while they are only the beginning of a JSON one."""
    text = data.rstrip(b"\0\r\n \t")
    if not text.startswith(b"{"):
        command, _, parameter = text.decode("latin-1").partition("|")
        return Request(command, parameter, is_json=False)
    try:
        body = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None if len(text) < MAX_REQUEST and not text.endswith(b"}") else Request("", body={"garbled": True})
    parameter = body.get("parameter", "")
    command = body.get("command") or body.get("cmd") or ""
    return Request(str(command), parameter if isinstance(parameter, str) else str(parameter), body=body)


def status(letter: str, code: int, message: str, description: str, t: float) -> str:
    """The STATUS list that stands in front of every answer."""
    return (
        f'"STATUS":[{{"STATUS":"{letter}","When":{int(t)},"Code":{code},"Msg":"{message}",'
        f'"Description":"{description}"}}]'
    )


def refused(code: int, message: str, description: str, t: float) -> str:
    return "{" + status("E", code, message, description, t) + ',"id":1}'


def invalid(request: Request, description: str, t: float) -> str:
    if "garbled" in request.body:
        return refused(INVALID_JSON, "Invalid JSON", description, t)
    return refused(INVALID_COMMAND, "Invalid command", description, t)


def joined(parts: list[tuple[str, str]]) -> str:
    """The answers to `a+b`, each in a list of its own under the name of its command."""
    return "{" + ",".join(f'"{command}":[{answer}]' for command, answer in parts) + ',"id":1}'


def as_text(answer: str) -> str:
    """The same answer for a request that was not JSON: `STATUS=S,When=..|SUMMARY,Elapsed=..|`."""
    sections = []
    for name, rows in msgspec.json.decode(answer).items():
        if not isinstance(rows, list):
            continue
        for row in rows:
            fields = ",".join(f"{key}={_plain(value)}" for key, value in row.items())
            starts_named = next(iter(row), "") == name or name == "STATUS"
            sections.append(fields if starts_named else f"{name},{fields}")
    return "|".join(sections) + "|"


def _plain(value: Any) -> str:
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
    for special in "\\|,=":
        text = text.replace(special, "\\" + special)
    return text


def framed(answer: str, is_json: bool) -> bytes:
    """The bytes on the wire: cgminer ends each answer with a NUL before it closes."""
    return (answer if is_json else as_text(answer)).encode() + b"\0"
