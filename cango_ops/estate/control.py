"""The estate's own control channel: a unix socket in its run folder, one JSON object a line each way.

{"verb": "drill", "name": "heat-wave", "site": "MACON", "minutes": 30}   name "none" ends drills (of a site, or all)
{"verb": "machine", "address": "127.11.1.3", "fault": "dead_board"}      any name of `faults.Fault`; "none" heals
{"verb": "machine", "address": "127.11.1.3", "act": "reboot"}            or sleep, wake
{"verb": "status"}
Each is answered {"ok": true, ...} or {"ok": false, "error": "..."}.
"""

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, Final

import msgspec

from cango_ops.estate import commands
from cango_ops.estate.drills import DRILLS
from cango_ops.estate.faults import Fault
from cango_ops.estate.machine import Machine
from cango_ops.estate.world import World

SOCKET_NAME: Final = "control.sock"
DEFAULT_MINUTES: Final = 30.0
MAX_LINE: Final = 1 << 16
ACTS: Final = {"reboot": commands.reboot, "sleep": commands.sleep, "wake": commands.wake}


class NoEstate(RuntimeError):
    """There is no estate listening where it was looked for."""


def perform(world: World, order: dict[str, Any]) -> dict[str, Any]:
    """Carries out one order and says what came of it."""
    verb = VERBS.get(str(order.get("verb")))
    if verb is None:
        return {"ok": False, "error": f"no verb {order.get('verb')!r}; there are: {', '.join(VERBS)}"}
    try:
        return {"ok": True} | verb(world, order)
    except (ValueError, KeyError, TypeError) as error:
        return {"ok": False, "error": str(error)}


def _drill(world: World, order: dict[str, Any]) -> dict[str, Any]:
    site, name = order.get("site"), str(order.get("name"))
    if site is not None and site not in world.by_code:
        raise ValueError(f"no site {site!r}")
    if name == "none":
        return {"ended": world.drills.end(site)}
    minutes = float(order.get("minutes") or DEFAULT_MINUTES)
    drill = world.drills.start(name, site, world.clock(), minutes)
    return {"drill": msgspec.to_builtins(drill), "means": DRILLS[name]}


def _machine(world: World, order: dict[str, Any]) -> dict[str, Any]:
    address = str(IPv4Address(order.get("address")))
    if "fault" in order:
        world.change(address, Fault(order["fault"]))
        return {"address": address, "fault": order["fault"]}
    machine = world.at(address)
    if not isinstance(machine, Machine) or order.get("act") not in ACTS:
        raise ValueError(f"no mining machine at {address}, or no act; acts are: {', '.join(ACTS)}")
    ACTS[order["act"]](machine, world.clock())
    return {"address": address, "act": order["act"]}


def _status(world: World, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "sites": len(world.sites),
        "devices": world.layout.devices,
        "seed": world.layout.seed,
        "port_shift": world.layout.port_shift,
        "recorded": len(world.recorded),
        "drills": msgspec.to_builtins(world.drills.on(world.clock())),
    }


VERBS: Final[dict[str, Callable[[World, dict[str, Any]], dict[str, Any]]]] = {
    "drill": _drill,
    "machine": _machine,
    "status": _status,
}


async def serve_control(world: World, run_dir: Path) -> asyncio.Server:
    """Listens in `run_dir`, which only its owner may enter."""
    path = run_dir / SOCKET_NAME
    path.unlink(missing_ok=True)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(msgspec.json.encode(_perform_line(world, line)) + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(_short(path))
    path.chmod(0o600)
    return await asyncio.start_unix_server(converse, sock=listener, limit=MAX_LINE)


def _perform_line(world: World, line: bytes) -> dict[str, Any]:
    try:
        return perform(world, msgspec.json.decode(line, type=dict[str, Any]))
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return {"ok": False, "error": f"not one JSON object: {error}"}


def _short(path: Path) -> str:
    """The path as it fits into a socket's address (107 bytes): relative to here when that is shorter."""
    here = Path.cwd()
    full = str(path)
    return full if len(full) < 100 or not path.is_relative_to(here) else str(path.relative_to(here))


def send(run_dir: Path, order: dict[str, Any], timeout_s: float = 5.0) -> dict[str, Any]:
    """One order to the running estate of this folder, and its answer. Raises NoEstate."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(timeout_s)
        try:
            client.connect(_short(run_dir / SOCKET_NAME))
            client.sendall(msgspec.json.encode(order) + b"\n")
            answer: dict[str, Any] = msgspec.json.decode(client.makefile("rb").readline())
        except (OSError, msgspec.DecodeError) as error:
            raise NoEstate(f"no estate answers in {run_dir}: {error}") from error
    return answer
