"""The cgminer family on TCP 4028: requests, replies, errors, units; and the plain relatives as a language of their own.

One request per connection; the machine answers and closes. Source: cgminer API-README and api.c. The relatives
(Sealminer, MSKminer, Hammer, Innosilicon, BW, Cheetah and others) answer summary, devs, pools, version and stats.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from cango_ops.units import THS_PER_UNIT
from cango_ops.wire import Ask, Garbled
from compute.protocols import fields
from compute.protocols.cgminer_text import parse_text
from compute.protocols.mending import read_json
from compute.protocols.reading import Board, Fault, Pool, State
from compute.protocols.trees import pools_of, silent

Reply = dict[str, Any]

PORT = 4028
FAILED = frozenset(("E", "F"))
STARTING_S = 600
# From near to far, then what is only noise on many relatives (Sealminer A2: 368 in 5 s, 206.9 av).
STEADY_WINDOWS = ("1m", "5m", "15m", "30m", "30s", "20s", "av", "5s")
_UNITS = ("GHS", "MHS", "THS", "KHS", "PHS")


@lru_cache(maxsize=512)
def ask(command: str, **more: Any) -> Ask:
    """A request in JSON; `more` stands beside the command (parameter=..., new_api=True)."""
    return Ask(command, msgspec.json.encode({"command": command, **more}))


def parse_reply(raw: bytes) -> Reply:
    """The answer as an object, of JSON or text. Raises Garbled, also for an answer that is an error."""
    reply = parse_any(raw)
    refusal = refused(reply)
    if refusal:
        raise Garbled(refusal)
    return reply


def parse_any(raw: bytes) -> Reply:
    """Like parse_reply, but an error answer is returned too. A liberty taken is noted under "notes"."""
    start = raw[:64].lstrip()[:1]
    if start not in (b"{", b",", b"["):
        return parse_text(raw)
    value, notes = read_json(raw)
    if not isinstance(value, dict):
        raise Garbled("not an object")
    if notes:
        value["notes"] = notes
    return value


def refused(reply: Reply) -> str | None:
    """Why the machine refused, or None. I (info) and W (warning) are no failures."""
    status = reply.get("STATUS")
    if isinstance(status, list):
        status = status[0] if status else None
    if isinstance(status, str):
        return _refusal(status, reply)
    if isinstance(status, dict):
        return _refusal(status.get("STATUS"), status)
    return None


def _refusal(letter: Any, status: Mapping[str, Any]) -> str | None:
    if not (isinstance(letter, str) and letter[:1].upper() in FAILED):
        return None
    code, message = fields.count(status.get("Code")), fields.text(status.get("Msg")) or "no reason given"
    return f"refused: {message} (code {code})" if code is not None else f"refused: {message}"


def section(reply: Reply | None, name: str) -> list[Reply]:
    """The rows of one report; the section's name in any case."""
    if not reply:
        return []
    found = reply.get(name)
    if found is None:
        found = next((value for key, value in reply.items() if key.upper() == name), None)
    return fields.rows(found, 256)


def first(reply: Reply | None, name: str) -> Reply:
    """The first row of a report, or an empty one."""
    value = reply.get(name) if reply else None
    if type(value) is list and value and type(value[0]) is dict:
        return value[0]
    found = section(reply, name)
    return found[0] if found else {}


def rate_ths(row: Reply, windows: tuple[str, ...] = STEADY_WINDOWS) -> float | None:
    """The hashrate of a row such as {"MHS 5s": ...} or {"GHS av": ...}, in TH/s, by order of `windows`."""
    for key, unit in _rate_keys(windows):
        if key in row and (read := fields.ths(row[key], unit)) is not None:
            return read
    return None


def with_unit_ths(row: Reply) -> float | None:
    """The rate of a row that names its unit (Innosilicon A11: "Hash Rate" 470.8, "Unit" "MH/s"). What stands under MHS
    beside it counts single hashes."""
    unit = row.get("Unit")
    return fields.ths(row.get("Hash Rate"), unit) if isinstance(unit, str) else None


def steady_ths(row: Reply) -> float | None:
    """The steadiest rate, but 0 where the last seconds gave nothing: an average tells of a machine that stopped."""
    now = rate_ths(row, ("5s",))
    return now if now == 0 else rate_ths(row)


@lru_cache(maxsize=16)
def _rate_keys(windows: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{unit} {window}", unit) for window in windows for unit in _UNITS)


def unit_of(row: Reply, default: str = "GH") -> str:
    """What `rate_unit` says ("GH", "GH/s", "MH"), or `default`."""
    said = row.get("rate_unit")
    unit = said.upper().removesuffix("/S") if isinstance(said, str) else default
    return unit if unit in THS_PER_UNIT else default


def state_of(hashrate_ths: float | None, uptime_s: int | None) -> State:
    """What the numbers alone tell: mining, or just started, or idle."""
    if hashrate_ths is None:
        return State.UNKNOWN
    if hashrate_ths > 0:
        return State.MINING
    return State.STARTING if uptime_s is not None and uptime_s < STARTING_S else State.IDLE


def parse_pools(reply: Reply | None) -> list[Pool] | None:
    """The configured pools; entries without a URL are empty places and left out. Web pages write all names small, and
    do not say which of the pools is in use."""
    if reply is None:
        return None
    return [pool for row in section(reply, "POOLS")[:32] if (pool := _pool(row)) is not None]


def _pool(row: Reply) -> Pool | None:
    url = fields.text(row.get("URL"))
    if url is None:
        return next(iter(pools_of([row], silent)), None)
    active = row.get("Stratum Active")
    return Pool(
        url=url,
        user=fields.text(row.get("User")),
        accepted=fields.count(row.get("Accepted")),
        rejected=fields.count(row.get("Rejected")),
        active=active if isinstance(active, bool) else _truth(active),
    )


def _truth(value: Any) -> bool | None:
    return {"true": True, "y": True, "false": False, "n": False}.get(value.lower()) if isinstance(value, str) else None


def parse_devs(reply: Reply | None, windows: tuple[str, ...] = STEADY_WINDOWS) -> list[Board] | None:
    """One board per row of devs or edevs; temperatures of 0 are absent ones."""
    found = section(reply, "DEVS")
    return [board_of(at, row, windows) for at, row in enumerate(found[:64])] if found else None


def board_of(at: int, row: Reply, windows: tuple[str, ...] = STEADY_WINDOWS) -> Board:
    """A board of a devs row; its slot is Slot, else ASC, else ID, else its place."""
    slot = row.get("Slot", row.get("ASC", row.get("ID", row.get("DEV"))))
    slot = slot if type(slot) is int and 0 <= slot < 1024 else fields.count(slot)
    return Board(
        slot=at if slot is None else slot,
        hashrate_ths=with_unit_ths(row) if "Unit" in row else rate_ths(row, windows),
        temperature_c=fields.celsius(row.get("Temperature", row.get("temperature"))),
        chip_temperature_c=fields.celsius(row.get("Chip Temp Max", row.get("Chip Temp Avg"))),
        chips=fields.count(row.get("Effective Chips", row.get("Chips"))),
    )


def faults_of_devs(reply: Reply | None) -> list[Fault]:
    """A fault for each board that says it is not alive."""
    words = [(at, fields.text(row.get("Status"))) for at, row in enumerate(section(reply, "DEVS")[:64])]
    return [Fault(code=word, message=f"board {at}: {word}") for at, word in words if word and word.lower() in DOWN]


DOWN = frozenset(("dead", "sick", "nostart", "rejecting"))


# Drivers, which stand where others put a model; so do the ports of boards (ttyS1).
NO_MODELS = ("SM", "ASIC", "CGMINER", "BTM_SOC")


def model_of(*found: Reply) -> str | None:
    """The first name of a machine: Type, PROD, Model, or a driver's name that is not a number."""
    for key in ("Type", "PROD", "Model", "MODEL", "Name"):
        for row in found:
            said = fields.text(row.get(key))
            if said and not said.isdigit() and said.upper() not in NO_MODELS and not said.startswith("tty"):
                return said
    return None


def firmware_of(row: Reply) -> str | None:
    """The version of the mining program, whatever its name."""
    for key in ("Miner", "CGMiner", "Cgminer", "BMMiner", "GCMiner", "BOSer", "LUXminer", "SGMiner"):
        said = fields.text(row.get(key))
        if said:
            return said
    return None
