"""Bitdeer Sealminer (bdminer, a cgminer 4.11) on TCP 4028: `stats` is one wide row that holds a sweep.

Boards stand in it as "0 MHS(Sample)", "0 Temp 3", "0 Chip Count". Rates are in MH/s. The last 5 seconds of `summary`
are noise (368 TH/s of an A2 that gives 207): a sweep takes the last minute, an inspection the average that its maker
shows. Source: recorded answers of an A2 with firmware 2025091001.
"""

from typing import ClassVar

from cango_ops.wire import Garbled
from compute.protocols import cgminer, fields
from compute.protocols.cgminer import Reply, ask, first, parse_reply
from compute.protocols.reading import Board, Fault, Reading, ReadingTalk, State
from compute.protocols.talk import Talk

VENDOR = "Bitdeer"
NOW = ("MHS(1m)", "MHS(2m)", "MHS(5m)", "MHS(15m)", "MHS(Avg)")
MAX_BOARDS = 16
SENSORS = range(8)
# What "PM State" says of a machine that was told to stop, and of one on its way.
STATES = {"running": State.MINING, "suspend": State.SLEEPING, "suspended": State.SLEEPING, "idle": State.IDLE}
NO_ERROR = ("0", "0x0", "0x0000", "0x00000000")


def parse_stats(raw: bytes) -> Reading:
    """The reading of `stats`. Raises Garbled."""
    reply = parse_reply(raw)
    row = first(reply, "STATS")
    if not row:
        raise Garbled("no STATS")
    model = fields.text(row.get("Model"))
    hashrate = next((rate for key in NOW if (rate := fields.ths(row.get(key), "MH")) is not None), None)
    uptime = fields.seconds(row.get("System Uptime", row.get("Elapsed")))
    return Reading(
        vendor=VENDOR,
        model=f"Sealminer {model}" if model else None,
        firmware=fields.text(row.get("Firmware")),
        mac=fields.mac(row.get("MAC")),
        serial=fields.text(row.get("Ctrl Board SN")),
        uptime_s=uptime,
        state=_state(row, hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("MHS(Rated)"), "MH")
        or fields.ths(row.get("MHS(Ideal)"), "MH")
        or None,
        power_w=fields.watts(row.get("PSU Input Power")),
        power_limit_w=fields.watts(row.get("Power Limit")) or None,
        fans_rpm=_fans(row),
        boards=_boards(row) or None,
        errors=_faults(row),
        notes=list(fields.sequence(reply.get("notes"))),
    )


def _state(row: Reply, hashrate: float | None, uptime: int | None) -> State:
    said = STATES.get(str(row.get("PM State", "")).lower())
    return said if said and said is not State.MINING else cgminer.state_of(hashrate, uptime)


def _fans(row: Reply) -> list[int] | None:
    """As many as "Fan Count" says; none for a machine cooled by liquid."""
    if row.get("Liquid Cooling") is True:
        return []
    count = fields.between(row.get("Fan Count"), 0, MAX_BOARDS)
    speeds = [fields.rpm(row.get(f"{at} Speed")) for at in range(int(count or 0))]
    return [speed for speed in speeds if speed is not None] or None


def _boards(row: Reply) -> list[Board]:
    """The boards that the machine counts, also those that are not online."""
    count = fields.between(row.get("Board Count"), 0, MAX_BOARDS)
    return [_board(row, at) for at in range(int(count or 0))]


def _board(row: Reply, at: int) -> Board:
    chips, bad = fields.count(row.get(f"{at} Chip Count")), fields.count(row.get(f"{at} Bad Chip Count")) or 0
    return Board(
        slot=at,
        hashrate_ths=fields.ths(row.get(f"{at} MHS(Sample)"), "MH"),
        temperature_c=fields.highest([fields.celsius(row.get(f"{at} Temp {sensor}")) for sensor in SENSORS]),
        chips=max(chips - bad, 0) if chips is not None else None,
    )


def _faults(row: Reply) -> list[Fault]:
    """Its error code, its supply's, boards that are off, and chips that it counts as bad."""
    faults = []
    for name in ("Error Code", "PSU Error", "Error Chip"):
        said = fields.text(row.get(name))
        if said and said not in NO_ERROR:
            faults.append(Fault(code=said, message=f"{name} {said}"))
    for at in range(MAX_BOARDS):
        bad = fields.count(row.get(f"{at} Bad Chip Count"))
        if row.get(f"{at} Online") is False:
            faults.append(Fault(code="board_off", message=f"board {at} is not online"))
        if bad:
            faults.append(Fault(code="bad_chips", message=f"board {at}: {bad} bad chips"))
    return faults


class Sealminer:
    """A2 and its kin. One connection per sweep."""

    name: ClassVar[str] = "sealminer"
    port: ClassVar[int] = cgminer.PORT

    def poll(self) -> ReadingTalk:
        talk = Talk()
        reading = yield from talk.ask(ask("stats"), parse_stats)
        return talk.finish(reading or Reading(vendor=VENDOR))

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        reading = (yield from talk.ask(ask("stats"), parse_stats)) or Reading(vendor=VENDOR)
        summary = first((yield from talk.ask(ask("summary"), parse_reply, optional=True)), "SUMMARY")
        pools = yield from talk.ask(ask("pools"), parse_reply)
        average = fields.ths(summary.get("MHS av"), "MH")
        if average is not None and reading.hashrate_ths != 0:
            reading.hashrate_ths = average
        reading.uptime_s = reading.uptime_s if reading.uptime_s is not None else fields.seconds(summary.get("Elapsed"))
        reading.pools = cgminer.parse_pools(pools)
        return talk.finish(reading, identity=True)
