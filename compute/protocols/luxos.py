"""LuxOS (Luxor's firmware) on TCP 4028, JSON.

Source: luxos-tooling's command catalogue, recorded answers of an S19k Pro.

Reads need no session. `power` with "PSU": false is the firmware's estimate, which is noted. Boards come from `devs` in
MH/s; temperatures of boards from `temps` (corner sensors) where asked.
"""

from typing import ClassVar

from compute.protocols import cgminer, fields, luxos_quick
from compute.protocols.cgminer import Reply, first, section
from compute.protocols.cgminer_joined import joined
from compute.protocols.reading import Board, Fault, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

POLLED = ("summary", "devs", "power", "fans", "temps")
MORE = ("version", "config", "pools", "profiles", "events", "stats")
EXTRAS = frozenset(("profiles", "events", "stats"))
CORNERS = ("TopLeft", "TopRight", "BottomLeft", "BottomRight")
WINDOWS = ("5s", "1m", "5m", "av")
STATES = {"sleep": State.SLEEPING, "curtailed": State.SLEEPING, "idle": State.IDLE}


def read(parts: dict[str, Reply]) -> Reading:
    """A reading of what replies there are."""
    summary, power = first(parts.get("summary"), "SUMMARY"), first(parts.get("power"), "POWER")
    hashrate = cgminer.rate_ths(summary, WINDOWS)
    uptime = fields.seconds(summary.get("Elapsed"))
    notes = [note for reply in parts.values() for note in fields.sequence(reply.get("notes"))]
    if power.get("PSU") is False:
        notes.append(luxos_quick.ESTIMATED)
    return Reading(
        vendor=None,
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=_nominal_ths(parts.get("devs")),
        power_w=fields.watts(power.get("Watts")),
        fans_rpm=read_fans(parts.get("fans")),
        boards=read_boards(parts.get("devs"), parts.get("temps")),
        notes=notes,
    )


def _nominal_ths(devs: Reply | None) -> float | None:
    """What the running profile should give: the sum over the boards."""
    return fields.total([fields.ths(row.get("Nominal MHS"), "MH") for row in section(devs, "DEVS")]) or None


def read_fans(reply: Reply | None) -> list[int] | None:
    rows = section(reply, "FANS")
    speeds = [fields.rpm(row.get("RPM")) for row in rows[:16]]
    return [speed for speed in speeds if speed is not None] if rows else None


def read_boards(devs: Reply | None, temps: Reply | None) -> list[Board] | None:
    """The boards in the order of their slots, with the warmest corner as temperature."""
    boards = cgminer.parse_devs(devs, WINDOWS)
    if boards is None:
        return None
    for row in section(temps, "TEMPS"):
        warmest = fields.highest([fields.celsius(row.get(corner)) for corner in CORNERS])
        for board in boards:
            if board.slot == row.get("ID") and warmest is not None:
                board.temperature_c = warmest
    return sorted(boards, key=lambda board: board.slot)


def read_events(reply: Reply | None) -> list[Fault] | None:
    """The events as faults: "[MINER] Miner shutdown due to NOPIC protection."."""
    if reply is None:
        return None
    return [_event(row) for row in section(reply, "EVENTS")[:64]]


def _event(row: Reply) -> Fault:
    target, number = fields.text(row.get("Target")) or "MINER", fields.count(row.get("ID"))
    where = f"[{target} {number}]" if number is not None else f"[{target}]"
    return Fault(
        code=fields.text(row.get("Code")), message=f"{where} {fields.text(row.get('Description')) or ''}".strip()
    )


def add_config(reading: Reading, config: Reply, profiles: Reply | None) -> None:
    """Who it is, how it is set, and the watts of the running profile as its limit."""
    reading.model = fields.text(config.get("Model"))
    reading.mac = fields.mac(config.get("MACAddr"))
    reading.serial = fields.text(config.get("SerialNumber"))
    profile = fields.text(config.get("Profile"))
    for row in section(profiles, "PROFILES"):
        if profile is not None and fields.text(row.get("Profile Name")) == profile:
            reading.power_limit_w = fields.watts(row.get("Watts"))
    curtailed = STATES.get(str(config.get("CurtailMode", "")).lower())
    if curtailed:
        reading.state = curtailed
    elif config.get("IsTuning") is True and reading.hashrate_ths:
        reading.notes = [*reading.notes, "the tuner is on"]
    if config.get("IsAtmEnabled") is True:
        reading.notes = [*reading.notes, "ATM is on: it refuses profile changes until switched off"]


class Luxos:
    """Any machine with LuxOS. One connection per sweep where reports may be joined."""

    name: ClassVar[str] = "luxos"
    port: ClassVar[int] = cgminer.PORT

    def poll(self, join: bool = True) -> ReadingTalk:
        talk = Talk()
        parts = yield from joined(
            talk, POLLED, join=join, optional=frozenset(("temps", "fans")), quick=luxos_quick.read
        )
        return talk.finish(parts if isinstance(parts, Reading) else read(parts))

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        parts: dict[str, Reply] = yield from joined(talk, (*POLLED, *MORE), optional=EXTRAS, whole=True)
        reading = read(parts)
        version, stats = first(parts.get("version"), "VERSION"), section(parts.get("stats"), "STATS")
        add_config(reading, first(parts.get("config"), "CONFIG"), parts.get("profiles"))
        reading.model = reading.model or cgminer.model_of(version, *stats[:1])
        reading.firmware = cgminer.firmware_of(version) or cgminer.firmware_of(stats[0] if stats else {})
        reading.pools = cgminer.parse_pools(parts.get("pools"))
        reading.errors = read_events(parts.get("events"))
        _add_chips(reading, stats)
        return talk.finish(reading, identity=True)


def _add_chips(reading: Reading, stats: list[Reply]) -> None:
    """Chips per board, of stats: its chain 1 is board 0."""
    for board in reading.boards or []:
        for row in stats:
            board.chips = fields.count(row.get(f"chain_acn{board.slot + 1}", board.chips))
