"""What a machine said of itself, in one shape for every language. Pure.

Absent is None, never 0. Units stand in the names. A reading is what the answers hold: nothing is guessed from a
nameplate, and what looked wrong stands in `notes`.
"""

from enum import StrEnum

import msgspec

from cango_ops.wire import Conversation


class State(StrEnum):
    """What the machine says that it is doing; the console's own verdict is made elsewhere."""

    MINING = "mining"
    SERVING = "serving"
    STARTING = "starting"
    TUNING = "tuning"
    SLEEPING = "sleeping"
    IDLE = "idle"
    STOPPED = "stopped"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Board(msgspec.Struct, kw_only=True, omit_defaults=False):
    """One hash board. slot: as the machine counts."""

    slot: int
    hashrate_ths: float | None = None
    temperature_c: float | None = None
    chip_temperature_c: float | None = None
    chips: int | None = None


class Pool(msgspec.Struct, kw_only=True):
    """One configured pool. active: the machine says it works for this one now."""

    url: str
    user: str | None = None
    accepted: int | None = None
    rejected: int | None = None
    active: bool | None = None


class Fault(msgspec.Struct, kw_only=True):
    """An error the machine reports. code: as the vendor writes it."""

    code: str | None = None
    message: str | None = None


class Gpu(msgspec.Struct, kw_only=True):
    """One GPU (or MIG instance) of a node, keyed by UUID and never by index."""

    uuid: str
    model: str | None = None
    utilisation_pct: float | None = None
    memory_used_mib: float | None = None
    power_w: float | None = None
    temperature_c: float | None = None
    xid: int | None = None


class Reading(msgspec.Struct, kw_only=True):
    """Everything one machine said at one moment. quality: "ok", "partial" (an answer was missing or could not be
    read), "unknown model" (read, but the catalog does not know it)."""

    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None
    mac: str | None = None
    serial: str | None = None
    uptime_s: int | None = None
    state: State = State.UNKNOWN
    hashrate_ths: float | None = None
    expected_hashrate_ths: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    fans_rpm: list[int] | None = None
    boards: list[Board] | None = None
    pools: list[Pool] | None = None
    errors: list[Fault] | None = None
    gpus: list[Gpu] | None = None
    requests_running: float | None = None
    tokens_total: float | None = None
    quality: str = "ok"
    notes: list[str] = []


ReadingTalk = Conversation[Reading]
